import type { HysteresisState } from "../../quant/tensors/hysteresis-state.js";
import type { Affine, NormTail } from "../../tensor/ops/norm-activate.js";
import type { Storage } from "../../tensor/storage.js";
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

/** What a norm does in inference: affineActivate with these arguments. */
export interface Epilogue {
  readonly affine: Affine;
  readonly tail: NormTail;
  /** How the result is stored. */
  readonly y: Storage;
}

/** What a layer has besides its passes. */
interface LayerState {
  readonly parameters: readonly Parameter[];
  /** See applyConstraints of the net. */
  readonly applyConstraints?: () => void;
  /** Computes the hysteresis state of a frozen layer, whose constraints are not applied, if there is none. */
  readonly startCodes?: () => void;
  readonly codes?: readonly HysteresisState[];
  /** `infer` of a convolution and of the norm after it in one pass; absent where that is no faster. */
  readonly inferThen?: (x: Tensor, epilogue: Epilogue) => Tensor;
  /**
   * What a norm does after a convolution, without an addend; the caller owns the tensors. Absent if the norm needs its input before.
   */
  readonly epilogue?: () => Epilogue;
  /** Frees tensors that are neither parameters nor buffers. */
  readonly dispose?: () => void;
}

/**
 * A layer of a running net. Every tensor has one owner: `infer` and `train` take x over, free it once no gradient needs it,
 * and pass their result to the caller. So a step never holds more than its gradients need.
 */
export interface Layer extends LayerState {
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
}

/** The result of a forward pass of a joint layer in training, with its backward pass (see {@link Trace}). */
export interface JointTrace {
  readonly ys: readonly Tensor[];
  /** Takes the gradients of all ys, and returns those of all inputs. It frees what it takes and keeps. */
  readonly backward: (dys: readonly Tensor[]) => readonly (Tensor | null)[];
  /** Recomputes the only y. */
  readonly recompute?: () => Tensor;
}

/** A layer with any number of inputs and outputs; the members are those of {@link Layer}. */
export interface JointLayer extends LayerState {
  /** Whether it keeps all inputs after the first for its backward pass, so that other layers need not recompute them. */
  readonly keepsLaterInputs?: boolean;
  readonly infer: (xs: readonly Tensor[]) => readonly Tensor[];
  /** `recompute` computes the first x again. */
  readonly train: (xs: readonly Tensor[], recompute?: () => Tensor) => JointTrace;
  readonly recalibrate?: (xs: readonly Tensor[], newStatWeight: number) => readonly Tensor[];
  readonly saturation?: (xs: readonly Tensor[]) => SaturationRate | null;
}

/** The only element of a list. */
const only = <T>(list: readonly T[]): T => list[0] as T;

/** A layer of one value as a layer of a list of one. */
export const asJoint = (layer: Layer): JointLayer => {
  const { infer, train, recalibrate, saturation, ...state } = layer;
  return {
    ...state,
    infer: (xs) => [infer(only(xs))],
    train: (xs, recompute) => {
      const { y, backward, recompute: again } = train(only(xs), recompute);
      return {
        ys: [y],
        backward: (dys) => [backward(only(dys))],
        ...(again && { recompute: again }),
      };
    },
    ...(recalibrate && { recalibrate: (xs, weight) => [recalibrate(only(xs), weight)] }),
    ...(saturation && { saturation: (xs) => saturation(only(xs)) }),
  };
};

/** A layer of lists of one value as a layer of that value. */
export const asSingle = (layer: JointLayer): Layer => {
  const { infer, train, recalibrate, saturation, ...state } = layer;
  return {
    ...state,
    infer: (x) => only(infer([x])),
    train: (x, again) => {
      const { ys, backward, recompute } = train([x], again);
      return {
        y: only(ys),
        backward: (dy) => only(backward([dy])),
        ...(recompute && { recompute }),
      };
    },
    ...(recalibrate && { recalibrate: (x, weight) => only(recalibrate([x], weight)) }),
    ...(saturation && { saturation: (x) => saturation([x]) }),
  };
};
