import { defineOp } from "../op.js";
import { type Tensor4D, tf } from "../tf.js";

/**
 * Channel shuffle: views the c channels as [groups, c / groups], transposes and flattens, so that output
 * channel j groups + g is input channel g c / groups + j. x: [n, h, w, c].
 * With c / groups instead of groups it undoes itself, which is also its gradient.
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
