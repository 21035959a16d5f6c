import { type ChainSpec, type ConvSpec, inputChannels } from "./chain-spec.js";

/** The shape of the kernel of convolution `index` in PyTorch's order: [out, in / groups, kh, kw]. */
export const kernelShape = (spec: ChainSpec, index: number): [number, number, number, number] => {
  const { width, groups, kernel } = spec.convs[index] as ConvSpec;
  return [width, inputChannels(spec, index) / groups, kernel, kernel];
};
