import { FLOAT_BYTES } from "../../base/float-bytes.js";
import type { NetCost } from "../../graph/cost.js";
import { extendBy, startExtent } from "./chain-extent.js";
import { type ChainSpec, type ConvSpec, inputChannels } from "./chain-spec.js";
import { kernelShape } from "./kernel-shape.js";

/** The channels of the norm of convolution `index`, and the number of trained vectors among its parameters. */
const normVectors = (spec: ChainSpec, index: number): { width: number; trained: number } => {
  const { width } = spec.convs[index] as ConvSpec;
  if (spec.order === "conv-norm-activation") return { width, trained: 2 };
  const isOuter = index === 0 || index === spec.convs.length - 1;
  return { width: index === 0 ? width : inputChannels(spec, index), trained: isOuter ? 0 : 2 };
};

/**
 * Multiply-accumulate operations of every convolution, for one image.
 * Example: a 3x3 convolution from 8 to 16 channels in 2 groups on a 10x10 map has 10 * 10 * 16 * 4 * 9.
 */
export const convMacs = (spec: ChainSpec): number[] => {
  let before = startExtent(spec);
  return spec.convs.map((_, index) => {
    const after = extendBy(spec, index, before);
    const [, inputs, height, width] = kernelShape(spec, index);
    const macs = (after.outputs - before.outputs) * inputs * height * width;
    before = after;
    return macs;
  });
};

/** Parameters, MACs and float32 bytes of a net, from its spec alone. */
export const netCost = (spec: ChainSpec): NetCost => {
  const { parameters: own } = spec.convs.reduce(
    (extent, _, index) => extendBy(spec, index, extent),
    startExtent(spec),
  );
  const norms = spec.convs.map((_, index) => normVectors(spec, index));
  const parameters = norms.reduce((sum, { width, trained }) => sum + trained * width, own);
  const buffers = norms.reduce((sum, { width }) => sum + 2 * width, 0);
  return {
    parameters,
    macs: convMacs(spec).reduce((sum, macs) => sum + macs, 0),
    bytes: FLOAT_BYTES * (parameters + buffers),
  };
};
