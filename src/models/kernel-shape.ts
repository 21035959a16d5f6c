import { type ConvSpec, inputChannels, type NetSpec } from "./spec.js";

/** The kernel of convolution `at` in PyTorch's order: [out, in / groups, kh, kw]. */
export const kernelShape = (spec: NetSpec, at: number): [number, number, number, number] => {
  const { width, groups, kernel } = spec.convs[at] as ConvSpec;
  return [width, inputChannels(spec, at) / groups, kernel, kernel];
};
