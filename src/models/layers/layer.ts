import type { Tensor } from "../../core/tf.js";
import type { CodeMemory } from "../code-memory.js";
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
}

/**
 * A layer of a running net. A tensor has one owner: `infer` and `train` take x over and free it as
 * soon as it is no longer needed, and hand their result to the caller. So a step never holds more
 * than its gradients need.
 */
export interface Layer {
  readonly parameters: readonly Parameter[];
  readonly infer: (x: Tensor) => Tensor;
  readonly train: (x: Tensor) => Trace;
  /**
   * Like `infer` with the batch's statistics, which enter the running ones with the given weight. Layers
   * without statistics have none.
   */
  readonly settle?: (x: Tensor, newStatWeight: number) => Tensor;
  /** See constrain of the net. */
  readonly constrain?: () => void;
  readonly codes?: readonly CodeMemory[];
  /** Frees what is neither parameter nor buffer. */
  readonly dispose?: () => void;
}
