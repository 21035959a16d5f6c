import type { Shape } from "../../graph/shape.js";
import type { Padding } from "../../graph/window.js";
import { type Resizing, resize, resizeGradient } from "../../tensor/ops/resize.js";
import { type Tensor, type Tensor4D, tf } from "../../tensor/tf.js";
import type { Layer, Trace } from "./layer.js";

interface Rearrangement {
  /** Keeps x. */
  readonly forward: (x: Tensor) => Tensor;
  /** The gradient of an input with this shape. Keeps dy. */
  readonly backward: (dy: Tensor, inputShape: readonly number[]) => Tensor;
}

/** A layer whose gradient needs no values of the forward pass. */
const rearrangeLayer = ({ forward, backward }: Rearrangement): Layer => {
  const infer = (x: Tensor): Tensor => {
    const y = tf.tidy(() => forward(x));
    x.dispose();
    return y;
  };
  return {
    parameters: [],
    infer,
    train: (x, recompute) => {
      const inputShape = x.shape;
      return {
        y: infer(x),
        ...(recompute && { recompute: () => infer(recompute()) }),
        backward: (dy) => {
          const dx = tf.tidy(() => backward(dy, inputShape));
          dy.dispose();
          return dx;
        },
      };
    },
  };
};

interface ConstantPadding {
  readonly padding: Padding;
  /** Channels before and after those of the maps. */
  readonly channels?: readonly [number, number] | undefined;
  readonly value: number;
}

/** Adds rows, columns and channels of a constant around maps. */
export const padLayer = ({
  padding: [top, left, bottom, right],
  channels: [before, after] = [0, 0],
  value,
}: ConstantPadding): Layer =>
  rearrangeLayer({
    forward: (x) =>
      tf.pad4d(
        x as Tensor4D,
        [
          [0, 0],
          [top, bottom],
          [left, right],
          [before, after],
        ],
        value,
      ),
    backward: (dy, inputShape) => tf.slice(dy, [0, top, left, before], [...inputShape]),
  });

/** Channels as pixels, as PyTorch's PixelShuffle: [n, h, w, c factor^2] -> [n, h factor, w factor, c]. */
export const pixelShuffleLayer = (factor: number): Layer =>
  rearrangeLayer({
    forward: (x) => {
      const [n, h, w, c] = x.shape as Tensor4D["shape"];
      const blocks = tf.reshape(x, [n, h, w, c / factor ** 2, factor, factor]);
      const pixels = tf.transpose(blocks, [0, 1, 4, 2, 5, 3]);
      return tf.reshape(pixels, [n, h * factor, w * factor, c / factor ** 2]);
    },
    backward: (dy, inputShape) => {
      const [n, h, w, c] = inputShape as Tensor4D["shape"];
      const pixels = tf.reshape(dy, [n, h, factor, w, factor, c / factor ** 2]);
      return tf.reshape(tf.transpose(pixels, [0, 1, 3, 5, 2, 4]), [n, h, w, c]);
    },
  });

/** Changes the sides of maps, as PyTorch's interpolate: [n, h, w, c] -> [n, height, width, c]. */
export const resizeLayer = (resizing: Resizing): Layer =>
  rearrangeLayer({
    forward: (x) => resize(x as Tensor4D, resizing),
    backward: (dy, inputShape) =>
      resizeGradient(dy as Tensor4D, inputShape as Tensor4D["shape"], resizing),
  });

/** Maps [n, h, w, c] as vectors [n, c h w] in PyTorch's order; vectors as they are. */
const asVectors = (x: Tensor): Tensor => {
  const [n, h, w, c] = x.shape;
  if (c === undefined) return tf.clone(x);
  return tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [
    n as number,
    c * (h as number) * (w as number),
  ]);
};

/** Vectors [n, c h w] in PyTorch's order as values of `shape`: [h, w, c] or [features]. */
const fromVectors = (vectors: Tensor, shape: Shape): Tensor => {
  const [n] = vectors.shape as [number];
  const [h, w, c] = shape;
  if (w === undefined || c === undefined) return tf.clone(vectors);
  return tf.transpose(tf.reshape(vectors, [n, c, h as number, w]), [0, 2, 3, 1]);
};

/** Maps as vectors in PyTorch's order (channel by channel, row by row): [n, h, w, c] -> [n, c h w]. */
export const flattenLayer = (): Layer =>
  rearrangeLayer({
    forward: asVectors,
    backward: (dy, inputShape) => fromVectors(dy, inputShape.slice(1)),
  });

/** Another shape ([h, w, c] or [features]) for the same values, which keep PyTorch's order. */
export const reshapeLayer = (shape: Shape): Layer =>
  rearrangeLayer({
    forward: (x) => fromVectors(asVectors(x), shape),
    backward: (dy, inputShape) => fromVectors(asVectors(dy), inputShape.slice(1)),
  });

/** Calls a function with x in another shape, and frees x. */
const reshaped = <T>(x: Tensor, shape: number[], use: (x: Tensor) => T): T => {
  const view = tf.reshape(x, shape);
  x.dispose();
  return use(view);
};

/** A layer of maps as a layer of vectors, which it takes as maps of 1x1: [n, features] -> [n, outputs]. */
export const onVectors = (layer: Layer): Layer => {
  const asMaps = <T>(x: Tensor, use: (maps: Tensor) => T): T =>
    reshaped(x, [x.shape[0] as number, 1, 1, x.shape[1] as number], use);
  const asRows = (maps: Tensor): Tensor =>
    reshaped(maps, [maps.shape[0] as number, maps.shape[3] as number], (rows) => rows);
  const { saturation, recalibrate } = layer;

  const onTrace = ({ y, backward, recompute }: Trace): Trace => ({
    y: asRows(y),
    ...(recompute && { recompute: () => asRows(recompute()) }),
    backward: (dy) => {
      const dx = asMaps(dy, backward);
      return dx && asRows(dx);
    },
  });
  return {
    ...layer,
    infer: (x) => asRows(asMaps(x, layer.infer)),
    train: (x, recompute) =>
      onTrace(
        asMaps(x, (maps) =>
          layer.train(maps, recompute && (() => asMaps(recompute(), (again) => again))),
        ),
      ),
    ...(recalibrate && {
      recalibrate: (x, weight) => asRows(asMaps(x, (maps) => recalibrate(maps, weight))),
    }),
    ...(saturation && {
      saturation: (x) =>
        asMaps(tf.clone(x), (maps) => {
          const rate = saturation(maps);
          maps.dispose();
          return rate;
        }),
    }),
  };
};
