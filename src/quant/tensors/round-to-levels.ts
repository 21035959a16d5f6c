import { type Tensor, tf } from "../../tensor/tf.js";
import { levelsOf } from "../numbers/grids.js";

/**
 * Rounds x in [0, 1] to the k-bit grid (DoReFa-Net, eq. 5).
 *
 * Forward: q = round(x n) / n with n = 2^k - 1, halves to even; for 1 bit q = sign(x), for 32 bits q = x.
 * Gradient: straight through, dx = dq.
 */
export const roundToLevels = (x: Tensor, bits: number): Tensor => {
  if (bits === 32) return tf.clone(x);
  if (bits === 1) return tf.sign(x);
  const levels = levelsOf(bits);
  return tf.tidy(() => tf.div(tf.round(tf.mul(x, levels)), levels));
};
