import type { CodeMemory } from "../../quant/tensors/code-memory.js";
import type { Tensor } from "../../tensor/tf.js";
import type { Parameter } from "../parameter.js";

/** A forward pass in training with the way back. */
export interface Trace {
  readonly y: Tensor;
  /**
   * Takes the gradient of y, leaves the gradients of the layer's parameters in them and returns the
   * gradient of x (null from a net's first layer, which needs none). Called once. Frees dy and
   * everything that the forward pass kept.
   */
  readonly backward: (dy: Tensor) => Tensor | null;
  /**
   * Computes y once more, so that the layer behind need not keep it until its own backward; to be called
   * before this one's. Absent where that would cost much time.
   */
  readonly again?: () => Tensor;
}

/** What an activation clips. */
export interface ClippedShare {
  readonly name: string;
  readonly share: number;
}

/**
 * A layer of a running net. A tensor has one owner: `infer` and `train` take x over and free it as
 * soon as it is no longer needed, and hand their result to the caller. So a step never holds more
 * than its gradients need.
 */
export interface Layer {
  readonly parameters: readonly Parameter[];
  readonly infer: (x: Tensor) => Tensor;
  /** `again` computes x once more. */
  readonly train: (x: Tensor, again?: () => Tensor) => Trace;
  /**
   * Like `infer` with the batch's statistics, which enter the running ones with the given weight. Layers
   * without statistics have none.
   */
  readonly settle?: (x: Tensor, newStatWeight: number) => Tensor;
  /**
   * The share of its activation's inputs, 0 to 1, that is clipped (see clippedShare), and the name of the norm in
   * front of it; null where nothing is. The caller keeps x. Layers without an activation have none.
   */
  readonly clipped?: (x: Tensor) => ClippedShare | null;
  /** See constrain of the net. */
  readonly constrain?: () => void;
  readonly codes?: readonly CodeMemory[];
  /** Frees what is neither parameter nor buffer. */
  readonly dispose?: () => void;
}
