import type { ConvSpec } from "../../models/spec.js";
import type { GridKernel } from "../../quant/numbers/grid-kernel.js";
import type { Activation } from "../../tensor/ops/activation.js";

/** scale x + shift, with a scale and a shift per channel; a null scale means 1. */
export interface ScaleShift {
  readonly scale: Float32Array | null;
  readonly shift: Float32Array;
}

/** A kernel in PyTorch's order [out, in / groups, kh, kw]. The filters' scales of a grid are part of the output's. */
export type StepKernel =
  | { readonly kind: "float"; readonly values: Float32Array }
  | { readonly kind: "grid"; readonly codes: Int16Array; readonly grid: GridKernel["grid"] };

/**
 * One convolution of a net in the order of a graph: input scale and activation, channel shuffle, convolution, output
 * scale, activation, pool.
 */
export interface ConvStep {
  /** Index of the convolution, from 0. */
  readonly index: number;
  readonly conv: ConvSpec;
  /** Input channels, and height and width of the input. */
  readonly inputs: number;
  readonly height: number;
  readonly width: number;
  readonly input: (ScaleShift & { readonly activation: Activation }) | null;
  readonly kernel: StepKernel;
  readonly output: ScaleShift;
  readonly activation: Activation;
}
