import type { Batch } from "../../data/batches/batch-loader.js";
import type { Tensor2D } from "../../tensor/tf.js";
import type { Loss } from "../losses/loss.js";
import type { Evaluation } from "./evaluation.js";

/** From the scores of the batches that this process evaluated, in their order, to those of all processes; as JSON in between. */
export type Exchange = <S extends object>(own: readonly S[]) => readonly S[];

/** Collects the results of batches. */
export interface Scorer {
  /** Adds the output of a net for a batch, [n, values]; the caller keeps it. */
  readonly add: (outputs: Tensor2D, batch: Batch) => void;
  /** The result of all batches; several processes exchange their scores first. */
  readonly result: (exchange?: Exchange) => Evaluation;
}

/** What a net is trained for: how outputs are compared with what is known of the images. */
export interface Task {
  readonly kind: "classification" | "detection";
  /** The loss of outputs, by default. */
  readonly loss: Loss;
  /** How many images of a training batch the outputs are right about; null if that is not counted. */
  readonly countHits: (outputs: Tensor2D, batch: Batch) => number | null;
  readonly createScorer: () => Scorer;
}
