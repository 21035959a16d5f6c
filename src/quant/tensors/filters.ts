import { type Tensor, tf } from "../../tensor/tf.js";

/** The axes of a kernel [kh, kw, cIn / groups, cOut] that make up one filter. */
export const FILTER_AXES = [0, 1, 2];

/** mean|w| of each filter: [1, 1, 1, cOut]. */
export const filterMagnitude = (w: Tensor): Tensor =>
  tf.tidy(() => tf.mean(tf.abs(w), FILTER_AXES, true));
