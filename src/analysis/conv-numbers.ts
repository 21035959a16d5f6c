import type { Checkpoint } from "../checkpoint/checkpoint.js";
import { readMergedWeights } from "../checkpoint/merged-state.js";
import { readNetWeights } from "../checkpoint/net-weights.js";
import { gridOf } from "../graph/model.js";
import type { ConvWeights } from "../models/conv-weights.js";
import { kernelShape } from "../models/kernel-shape.js";
import type { MergedConv } from "../models/merged-weights.js";
import type { ConvSpec, NetSpec } from "../models/spec.js";
import { type GridKernel, toGridKernel } from "../quant/numbers/grid-kernel.js";
import { quantizeLatentKernel } from "../quant/numbers/quantize-latent-kernel.js";

/** The numbers of one convolution, whatever the form of its net. */
export interface ConvNumbers {
  /** Float weights in PyTorch's order: the latent ones, or those with which the net computes. */
  readonly kernel: Float32Array;
  /** The weights with which the net computes, if they are quantized. */
  readonly quantized: GridKernel | undefined;
  /** Count of numbers besides the kernel that are trained or derived from trained ones: bias, gamma, beta, thresholds. */
  readonly trained: number;
  /** Count of the other numbers besides the kernel: running statistics. */
  readonly statistics: number;
  /** The factors of this convolution's norm: gammas, or their remainder after folding; null if there are none. */
  readonly normFactors: Float32Array | null;
}

const ofConvWeights = (spec: NetSpec, conv: ConvWeights, index: number): ConvNumbers => {
  const { isQuantized, width } = spec.convs[index] as ConvSpec;
  const { kernel, bias, affine, movingMean, movingVariance, codes } = conv;
  const { weights } = spec.quantization;
  const grid = isQuantized ? gridOf(weights) : undefined;
  const quantized = (): GridKernel | undefined => {
    if (!grid) return undefined;
    if (spec.form === "baked") return toGridKernel(kernel, width, grid);
    const latent = { values: kernel, shape: kernelShape(spec, index), lastCodes: codes };
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

const ofMergedConv = (spec: NetSpec, conv: MergedConv, index: number): ConvNumbers => {
  const { isQuantized, width } = spec.convs[index] as ConvSpec;
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
 * @throws QpruneError that names the first tensor that is missing or whose shape differs from the spec.
 */
export const convNumbers = (checkpoint: Checkpoint, spec: NetSpec): ConvNumbers[] =>
  spec.form === "merged"
    ? readMergedWeights(checkpoint, spec).map((conv, index) => ofMergedConv(spec, conv, index))
    : readNetWeights(checkpoint, spec).map((conv, index) => ofConvWeights(spec, conv, index));
