import type { Checkpoint } from "../checkpoint/checkpoint.js";
import { readMergedWeights } from "../checkpoint/merged-state.js";
import { readNetWeights } from "../checkpoint/net-weights.js";
import type { ConvWeights } from "../models/conv-weights.js";
import { kernelShape } from "../models/kernel-shape.js";
import type { MergedConv } from "../models/merged-weights.js";
import type { ConvSpec, NetSpec } from "../models/spec.js";
import { type GridKernel, gridOf, toGridKernel } from "../quant/numbers/grid-kernel.js";
import { quantizeLatentKernel } from "../quant/numbers/quantize-latent-kernel.js";

/** The numbers of one convolution of any form, as they are measured. */
export interface ConvNumbers {
  /** Float weights in PyTorch's order: latent ones, or those that are computed with. */
  readonly kernel: Float32Array;
  /** What the net computes with, where that is quantized. */
  readonly quantized: GridKernel | undefined;
  /** Numbers beside the kernel that are trained or were made of trained ones: bias, gamma, beta, thresholds. */
  readonly trained: number;
  /** Numbers beside the kernel that are not: running statistics. */
  readonly statistics: number;
  /** The factors of the norm of this convolution: gammas, or what is left of them; null where it has none. */
  readonly normFactors: Float32Array | null;
}

const ofConvWeights = (spec: NetSpec, conv: ConvWeights, at: number): ConvNumbers => {
  const { isQuantized, width } = spec.convs[at] as ConvSpec;
  const { kernel, bias, affine, movingMean, movingVariance, codes } = conv;
  const { weights } = spec.quantization;
  const grid = isQuantized ? gridOf(weights) : undefined;
  const quantized = (): GridKernel | undefined => {
    if (!grid) return undefined;
    if (spec.form === "baked") return toGridKernel(kernel, width, grid);
    const latent = { values: kernel, shape: kernelShape(spec, at), memory: codes };
    return quantizeLatentKernel(latent, weights);
  };
  return {
    kernel,
    quantized: quantized(),
    trained: bias.length + (affine ? 2 * affine.gamma.length : 0),
    statistics: movingMean.length + movingVariance.length,
    normFactors: affine?.gamma ?? null,
  };
};

const ofMergedConv = (spec: NetSpec, conv: MergedConv, at: number): ConvNumbers => {
  const { isQuantized, width } = spec.convs[at] as ConvSpec;
  const { kernel, bias, kernelScale, input } = conv;
  const grid = isQuantized ? gridOf(spec.quantization.weights) : undefined;
  return {
    kernel,
    quantized: grid && toGridKernel(kernel, width, grid, kernelScale ?? undefined),
    trained: bias.length + (input ? 2 * input.scale.length : 0),
    statistics: 0,
    normFactors: input?.scale ?? null,
  };
};

/**
 * The numbers of every convolution of a checkpoint, without an engine.
 * @throws QpruneError naming the first tensor that is missing or has another shape than the spec says.
 */
export const convNumbers = (checkpoint: Checkpoint, spec: NetSpec): ConvNumbers[] =>
  spec.form === "merged"
    ? readMergedWeights(checkpoint, spec).map((conv, at) => ofMergedConv(spec, conv, at))
    : readNetWeights(checkpoint, spec).map((conv, at) => ofConvWeights(spec, conv, at));
