import { FLOAT_BYTES } from "../base/float-bytes.js";
import { kernelShape } from "./kernel-shape.js";
import { extendBy, startExtent } from "./net-extent.js";
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

/** Channels of the norm of convolution `at` and how many vectors of them it has. */
const normVectors = (spec: NetSpec, at: number): { width: number; trained: number } => {
  const { width } = spec.convs[at] as ConvSpec;
  if (spec.order === "conv-norm-activation") return { width, trained: 2 };
  const isOuter = at === 0 || at === spec.convs.length - 1;
  return { width: at === 0 ? width : inputChannels(spec, at), trained: isOuter ? 0 : 2 };
};

/**
 * Multiplications and additions of every convolution, for one image.
 * Example: a 3x3 convolution of 8 channels to 16 in 2 groups on a 10x10 map has 10 * 10 * 16 * 4 * 9.
 */
export const convMacs = (spec: NetSpec): number[] => {
  let before = startExtent(spec);
  return spec.convs.map((_, at) => {
    const after = extendBy(spec, at, before);
    const [, inputs, height, width] = kernelShape(spec, at);
    const macs = (after.outputs - before.outputs) * inputs * height * width;
    before = after;
    return macs;
  });
};

/** Parameters, MACs and float32 bytes of a net, from its spec alone. */
export const netCost = (spec: NetSpec): NetCost => {
  const { parameters: own } = spec.convs.reduce(
    (extent, _, at) => extendBy(spec, at, extent),
    startExtent(spec),
  );
  const norms = spec.convs.map((_, at) => normVectors(spec, at));
  const parameters = norms.reduce((sum, { width, trained }) => sum + trained * width, own);
  const buffers = norms.reduce((sum, { width }) => sum + 2 * width, 0);
  return {
    parameters,
    macs: convMacs(spec).reduce((sum, macs) => sum + macs, 0),
    bytes: FLOAT_BYTES * (parameters + buffers),
  };
};
