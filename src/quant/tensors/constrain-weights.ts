import { centerAndClamp } from "../../tensor/ops/binary-weights.js";
import type { Tensor } from "../../tensor/tf.js";

/**
 * The constraint of binary and ternary latent weights (rule of the reference scripts): subtract the mean over the input
 * channels, then clamp to [-1, 1]. Training continues from the result. The clamp shifts the mean again, so a second
 * application changes the weights further. With one input channel all weights become 0.
 *
 * @param w latent weights [kh, kw, cIn / groups, cOut]; the result has the same shape
 */
export const constrainWeights = (w: Tensor): Tensor => centerAndClamp(w);
