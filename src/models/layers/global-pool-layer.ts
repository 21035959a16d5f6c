import { type Tensor, type Tensor4D, tf } from "../../tensor/tf.js";
import type { Layer } from "./layer.js";

type Shape4D = Tensor4D["shape"];

export interface GlobalPoolOptions {
  readonly function: "mean" | "max";
  /** Whether the output is [n, 1, 1, c] instead of [n, c]. */
  readonly keepsMaps: boolean;
}

/** A pooled value [n, c] or [n, 1, 1, c] as [n, 1, c], to be compared with all positions. */
const perImage = (pooled: Tensor, [n, , , c]: Shape4D): Tensor => tf.reshape(pooled, [n, 1, c]);

/** The indices of all positions: [1, h w, 1]. */
const positions = ([, h, w]: Shape4D): Tensor => tf.reshape(tf.range(0, h * w), [1, h * w, 1]);

/** The index of the first maximum of each channel in row-major order: [n, c]. */
const firstMaximum = (x: Tensor4D, maximum: Tensor): Tensor => {
  const [n, h, w, c] = x.shape;
  const isMaximum = tf.equal(tf.reshape(x, [n, h * w, c]), perImage(maximum, x.shape));
  return tf.min(tf.where(isMaximum, positions(x.shape), h * w), 1);
};

const meanGradient = (dy: Tensor, [n, h, w, c]: Shape4D): Tensor =>
  tf.tile(tf.reshape(tf.div(dy, h * w), [n, 1, 1, c]), [1, h, w, 1]);

const maxGradient = (dy: Tensor, argmax: Tensor, shape: Shape4D): Tensor => {
  const isFirst = tf.equal(positions(shape), perImage(argmax, shape));
  return tf.reshape(tf.mul(tf.cast(isFirst, "float32"), perImage(dy, shape)), shape);
};

/**
 * The mean or maximum of each channel over all positions: [n, h, w, c] -> [n, c] or [n, 1, 1, c]. The gradient of a maximum
 * goes to its first position, as in PyTorch's AdaptiveMaxPool2d.
 */
export const globalPoolLayer = ({ function: pool, keepsMaps }: GlobalPoolOptions): Layer => {
  const pooled = (x: Tensor): Tensor =>
    pool === "mean" ? tf.mean(x, [1, 2], keepsMaps) : tf.max(x, [1, 2], keepsMaps);
  return {
    parameters: [],
    infer: (x) => {
      const y = pooled(x);
      x.dispose();
      return y;
    },
    train: (x) => {
      const { shape } = x as Tensor4D;
      const y = pooled(x);
      const argmax = pool === "max" ? tf.tidy(() => firstMaximum(x as Tensor4D, y)) : null;
      x.dispose();
      return {
        y,
        backward: (dy) => {
          const dx = tf.tidy(() =>
            argmax ? maxGradient(dy, argmax, shape) : meanGradient(dy, shape),
          );
          tf.dispose(argmax ? [dy, argmax] : dy);
          return dx;
        },
      };
    },
  };
};
