import type { HysteresisState } from "../../quant/tensors/hysteresis-state.js";
import type { Tensor } from "../../tensor/tf.js";
import type { Parameter } from "../parameter.js";

/** The result of a forward pass in training, with its backward pass. */
export interface Trace {
  readonly y: Tensor;
  /**
   * Takes the gradient of y, stores the gradients of the layer's parameters in them and returns the gradient of x (null for
   * a net's first layer, which needs none). Call it once. It frees dy and everything that the forward pass kept.
   */
  readonly backward: (dy: Tensor) => Tensor | null;
  /**
   * Recomputes y, so that the next layer need not keep it for its backward pass. Call it before `backward`. Absent if
   * recomputing is slow.
   */
  readonly recompute?: () => Tensor;
}

/** The saturation rate of an activation. */
export interface SaturationRate {
  /** The norm before the activation. */
  readonly name: string;
  /** The share of inputs that are clipped, 0 to 1. */
  readonly rate: number;
}

/**
 * A layer of a running net. Every tensor has one owner: `infer` and `train` take x over, free it once no gradient needs it,
 * and pass their result to the caller. So a step never holds more than its gradients need.
 */
export interface Layer {
  readonly parameters: readonly Parameter[];
  readonly infer: (x: Tensor) => Tensor;
  /** `recompute` computes x again. */
  readonly train: (x: Tensor, recompute?: () => Tensor) => Trace;
  /**
   * Like `infer`, but with the batch's statistics, which enter the running ones with the given weight. Absent for layers
   * without statistics.
   */
  readonly recalibrate?: (x: Tensor, newStatWeight: number) => Tensor;
  /**
   * The saturation rate of the layer's activation for the input x (see saturationRate); null if it clips nothing. The caller
   * keeps x. Absent for layers without an activation.
   */
  readonly saturation?: (x: Tensor) => SaturationRate | null;
  /** See applyConstraints of the net. */
  readonly applyConstraints?: () => void;
  /** Computes the hysteresis state of a frozen layer, whose constraints are not applied, if there is none. */
  readonly startCodes?: () => void;
  readonly codes?: readonly HysteresisState[];
  /** Frees tensors that are neither parameters nor buffers. */
  readonly dispose?: () => void;
}

/** The result of a forward pass of a joint layer in training, with its backward pass (see Trace). */
export interface JointTrace {
  readonly ys: readonly Tensor[];
  /** Takes the gradients of all ys, and returns those of all inputs. It frees what it takes and keeps. */
  readonly backward: (dys: readonly Tensor[]) => readonly Tensor[];
}

/** A layer with several inputs or outputs and no parameters. Tensors change owners as in {@link Layer}. */
export interface JointLayer {
  readonly infer: (xs: readonly Tensor[]) => readonly Tensor[];
  readonly train: (xs: readonly Tensor[]) => JointTrace;
}
