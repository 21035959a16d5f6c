import { defineOp } from "../op.js";
import { type Tensor, tf } from "../tf.js";
import { tidyObject } from "../tidy.js";

/** An activation's output with what its gradient needs. */
export interface MaskedResult<T extends Tensor> {
  readonly y: T;
  /** Bool, shape of x: where the gradient passes. */
  readonly mask: Tensor;
}

/** max(x, 0) with the mask of x > 0. */
export const reluTrain = defineOp(
  "reluTrain",
  <T extends Tensor>(x: T): MaskedResult<T> =>
    tidyObject(() => ({ y: tf.relu(x), mask: tf.greater(x, 0) })),
);

/** dy factor where the mask is true, 0 elsewhere: the gradient of every activation that clips. */
export const maskGradient = defineOp(
  "maskGradient",
  <T extends Tensor>(dy: T, mask: Tensor, factor: number): T =>
    tf.tidy(() => tf.where(mask, tf.mul(dy, factor), tf.zerosLike(dy)) as T),
);
