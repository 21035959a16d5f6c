import { type Tensor, tf } from "../../tensor/tf.js";

const INPUT_CHANNEL_AXIS = 2;

/**
 * The constraint of binary and ternary latent weights: subtract the mean over the input channels, then
 * clamp to [-1, 1] (the original's rule). It is kept: training goes on from the result. The clamp breaks
 * the zero mean, so a second application moves the weights again; with one input channel all become 0.
 * w: [kh, kw, cIn / groups, cOut].
 */
export const constrainWeights = (w: Tensor): Tensor =>
  tf.tidy(() => tf.clipByValue(tf.sub(w, tf.mean(w, INPUT_CHANNEL_AXIS, true)), -1, 1));
