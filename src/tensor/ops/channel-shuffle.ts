import { defineOp } from "../op.js";
import { type Tensor4D, tf } from "../tf.js";

/**
 * Channel shuffle (ShuffleNet, Zhang et al. 2018): views the c channels as [groups, c / groups], transposes and flattens, so
 * that output channel j groups + g is input channel g c / groups + j. A shuffle by c / groups is both the inverse and the
 * gradient. x: [n, h, w, c].
 */
export const channelShuffle = defineOp(
  "channelShuffle",
  (x: Tensor4D, groups: number): Tensor4D =>
    tf.tidy(() => {
      const [n, h, w, c] = x.shape;
      const view = tf.reshape(x, [n * h * w, groups, c / groups]);
      return tf.reshape(tf.transpose(view, [0, 2, 1]), [n, h, w, c]) as Tensor4D;
    }),
);
