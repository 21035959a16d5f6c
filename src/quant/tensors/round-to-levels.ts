import { type Tensor, tf } from "../../tensor/tf.js";
import { levelsOf } from "../numbers/grids.js";

/**
 * Rounds x in [0, 1] to the k-bit grid: round(x n) / n, half to even; 1 bit: sign(x); 32 bits: x itself.
 * Its gradient passes straight through (DoReFa-Net, eq. 5).
 */
export const roundToLevels = (x: Tensor, bits: number): Tensor => {
  if (bits === 32) return tf.clone(x);
  if (bits === 1) return tf.sign(x);
  const levels = levelsOf(bits);
  return tf.tidy(() => tf.div(tf.round(tf.mul(x, levels)), levels));
};
