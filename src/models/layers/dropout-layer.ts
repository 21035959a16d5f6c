import { randomUint32 } from "../../base/random.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import type { Layer } from "./layer.js";

/** First key after the seed of every draw of dropout. */
const DROPOUT_STREAM = 0xd20b;

export interface DropoutLayerOptions {
  readonly rate: number;
  readonly seed: number;
  /** Index of the convolution to which the dropout belongs. */
  readonly layer: number;
  /** The number of training passes so far. A training state contains it, so a resumed run draws the same values. */
  readonly pass: () => number;
}

/**
 * Drops a share of the values in training and scales the others by 1 / (1 - rate) (Srivastava et al. 2014). Each pass has
 * its own random key; within a pass a counter runs over the values.
 */
export const dropoutLayer = ({ rate, seed, layer, pass }: DropoutLayerOptions): Layer => {
  const scale = 1 / (1 - rate);
  const mask = (x: Tensor): Tensor => {
    const key = randomUint32(seed, DROPOUT_STREAM, layer, pass());
    const limit = rate * 2 ** 32;
    const values = Float32Array.from({ length: x.size }, (_, index) =>
      randomUint32(key, index) < limit ? 0 : scale,
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
