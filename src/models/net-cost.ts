import { pooledSide } from "../core/ops/pool.js";
import { type ConvSpec, inputChannels, type NetSpec } from "./spec.js";

/** What a net needs to be stored and run. */
export interface NetCost {
  /** Trained numbers: kernels, biases, gammas and betas. */
  readonly parameters: number;
  /** Multiplications and additions of the convolutions, one image. */
  readonly macs: number;
  /** The state dict as float32: parameters and running statistics. */
  readonly bytes: number;
}

const FLOAT_BYTES = 4;

/** Channels of the norm of convolution `at` and how many vectors of them it has. */
const normVectors = (spec: NetSpec, at: number): { width: number; trained: number } => {
  const { width } = spec.convs[at] as ConvSpec;
  if (spec.order === "conv-norm-activation") return { width, trained: 2 };
  const isOuter = at === 0 || at === spec.convs.length - 1;
  return { width: at === 0 ? width : inputChannels(spec, at), trained: isOuter ? 0 : 2 };
};

/**
 * Parameters, MACs and float32 bytes of a net, from its spec alone.
 * Example: a 3x3 convolution of 8 channels to 16 in 2 groups on a 10x10 map has 16 * 4 * 9 weights and
 * 10 * 10 * 16 * 4 * 9 MACs.
 */
export const netCost = (spec: NetSpec): NetCost => {
  let { height, width } = spec.input;
  let [parameters, macs, buffers] = [0, 0, 0];
  spec.convs.forEach((conv, at) => {
    const grown = 2 * conv.pad - conv.kernel + 1;
    [height, width] = [height + grown, width + grown];
    const weights = conv.width * (inputChannels(spec, at) / conv.groups) * conv.kernel ** 2;
    macs += weights * height * width;
    const norm = normVectors(spec, at);
    parameters += weights + conv.width + norm.trained * norm.width;
    buffers += 2 * norm.width;
    const { pool } = conv;
    if (pool) [height, width] = [pooledSide(height, pool), pooledSide(width, pool)];
  });
  return { parameters, macs, bytes: FLOAT_BYTES * (parameters + buffers) };
};
