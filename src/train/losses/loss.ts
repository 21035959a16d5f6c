import type { Batch } from "../../data/batches/batch-loader.js";
import type { CrossEntropyResult } from "../../tensor/ops/softmax-cross-entropy.js";
import type { Tensor2D, Tensor4D } from "../../tensor/tf.js";

/** A batch after the forward pass. */
export interface LossInput {
  /** [n, classes] */
  readonly logits: Tensor2D;
  /** What the logits were computed from, [n, h, w, c]. */
  readonly images: Tensor4D;
  readonly batch: Batch;
}

/** A loss with its gradient; the tensors of the input stay the caller's, those of the result are the caller's. */
export type Loss = (input: LossInput) => CrossEntropyResult;
