import { type ConvSpec, inputChannels, type NetSpec } from "./spec.js";

/** The shape of the kernel of convolution `index` in PyTorch's order: [out, in / groups, kh, kw]. */
export const kernelShape = (spec: NetSpec, index: number): [number, number, number, number] => {
  const { width, groups, kernel } = spec.convs[index] as ConvSpec;
  return [width, inputChannels(spec, index) / groups, kernel, kernel];
};
