import { randomUint32 } from "../../base/random.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import type { Layer } from "./layer.js";

/** Keeps the draws of dropout apart from all others. */
const DROPOUT_STREAM = 0xd20b;

export interface DropoutLayerOptions {
  readonly rate: number;
  readonly seed: number;
  /** Place of the layer in its net. */
  readonly place: number;
  /** Training passes so far; it is saved with the net, so that a resumed run draws on. */
  readonly pass: () => number;
}

/**
 * Drops a share of the values in training and scales the rest by 1 / (1 - rate) (Srivastava et al. 2014).
 * One draw keys a pass, and a counter steps through the values.
 */
export const dropoutLayer = ({ rate, seed, place, pass }: DropoutLayerOptions): Layer => {
  const scale = 1 / (1 - rate);
  const mask = (x: Tensor): Tensor => {
    const key = randomUint32(seed, DROPOUT_STREAM, place, pass());
    const limit = rate * 2 ** 32;
    const values = Float32Array.from({ length: x.size }, (_, at) =>
      randomUint32(key, at) < limit ? 0 : scale,
    );
    return tf.tensor(values, x.shape);
  };
  return {
    parameters: [],
    infer: (x) => x,
    train: (x) => {
      const kept = mask(x);
      const y = tf.mul(x, kept);
      x.dispose();
      return {
        y,
        backward: (dy) => {
          const dx = tf.mul(dy, kept);
          tf.dispose([dy, kept]);
          return dx;
        },
      };
    },
  };
};
