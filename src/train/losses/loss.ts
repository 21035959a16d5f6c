import type { Batch } from "../../data/batches/batch-loader.js";
import type { CrossEntropyResult } from "../../tensor/ops/softmax-cross-entropy.js";
import type { Tensor, Tensor2D, Tensor4D } from "../../tensor/tf.js";

/** A batch after the forward pass. */
export interface LossInput {
  /** [n, classes] */
  readonly logits: Tensor2D;
  /** What the logits were computed from, [n, h, w, c]. */
  readonly images: Tensor4D;
  readonly batch: Batch;
  /** Inner values of the net that it returns besides the logits. */
  readonly watched: readonly Tensor[];
}

/** A loss, its gradient by the logits, and those by the watched values; none stands for zeros. */
export interface LossResult extends CrossEntropyResult {
  readonly dWatched?: readonly Tensor[];
}

/** A loss with its gradients; the tensors of the input stay the caller's, those of the result are the caller's. */
export type Loss = (input: LossInput) => LossResult;
