import { defineOp } from "../op.js";
import { type Tensor, type Tensor1D, tf } from "../tf.js";

const batchAxes = (x: Tensor): number[] => x.shape.slice(0, -1).map((_, axis) => axis);

const isAbove = (x: Tensor): Tensor => tf.greater(x, 0);

/** x where x > 0, otherwise slope x (PReLU, He et al. 2015, eq. 1). x: [..., channels], slope: [channels]. */
export const prelu = defineOp(
  "prelu",
  (x: Tensor, slope: Tensor1D): Tensor => tf.tidy(() => tf.where(isAbove(x), x, tf.mul(x, slope))),
);

/** Gradients of {@link prelu}: dx = dy where x > 0, otherwise slope dy; the slope's is the sum of x dy where x <= 0. */
export const preluGradient = defineOp(
  "preluGradient",
  (dy: Tensor, x: Tensor, slope: Tensor1D): readonly [dx: Tensor, dSlope: Tensor1D] => {
    const gradients = tf.tidy(() => [
      tf.mul(dy, tf.where(isAbove(x), 1, slope)),
      tf.sum(tf.where(isAbove(x), 0, tf.mul(x, dy)), batchAxes(x)),
    ]);
    return gradients as [Tensor, Tensor1D];
  },
);

/** Gradients of scale x + shift per channel: dx = scale dy, the scale's is the sum of x dy, the shift's the sum of dy. */
export const scaleGradient = defineOp(
  "scaleGradient",
  (
    dy: Tensor,
    x: Tensor,
    scale: Tensor1D,
  ): readonly [dx: Tensor, dScale: Tensor1D, dShift: Tensor1D] => {
    const axes = batchAxes(x);
    const gradients = tf.tidy(() => [
      tf.mul(dy, scale),
      tf.sum(tf.mul(dy, x), axes),
      tf.sum(dy, axes),
    ]);
    return gradients as [Tensor, Tensor1D, Tensor1D];
  },
);
