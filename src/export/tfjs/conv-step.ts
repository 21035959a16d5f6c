import type { ConvSpec } from "../../models/spec.js";
import type { GridKernel } from "../../quant/numbers/grid-kernel.js";
import type { Activation } from "../../tensor/ops/activation.js";

/** scale x + shift, one number of each a channel; no scale is a scale of 1. */
export interface ScaleShift {
  readonly scale: Float32Array | null;
  readonly shift: Float32Array;
}

/** A kernel in PyTorch's order [out, in / groups, kh, kw]; the scale of a grid's filters is in the output. */
export type StepKernel =
  | { readonly kind: "float"; readonly values: Float32Array }
  | { readonly kind: "grid"; readonly codes: Int16Array; readonly grid: GridKernel["grid"] };

/**
 * One convolution of a net as a graph computes it: input scale and activation, channel shuffle,
 * convolution, output scale, activation, pool.
 */
export interface ConvStep {
  /** Counted from 0. */
  readonly at: number;
  readonly conv: ConvSpec;
  /** Input channels, and height and width of the input's map. */
  readonly inputs: number;
  readonly height: number;
  readonly width: number;
  readonly input: (ScaleShift & { readonly activation: Activation }) | null;
  readonly kernel: StepKernel;
  readonly output: ScaleShift;
  readonly activation: Activation;
}
