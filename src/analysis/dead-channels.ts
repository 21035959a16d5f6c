import type { NetSpec } from "../models/spec.js";
import type { ConvNumbers } from "./conv-numbers.js";

const isSilentFilter = (
  { kernel, quantized }: ConvNumbers,
  filter: number,
  width: number,
): boolean => {
  const size = kernel.length / width;
  const weights = quantized ? quantized.codes : kernel;
  if (quantized?.scale[filter] === 0) return true;
  // The DoReFa grid of 2 and more bits has no 0.
  if (quantized?.grid.kind === "dorefa") return false;
  return weights.subarray(filter * size, (filter + 1) * size).every((weight) => weight === 0);
};

/** The factors of the norm that follows convolution `index`: its own norm, or that of the next convolution. */
const factorsAfter = (spec: NetSpec, numbers: readonly ConvNumbers[], index: number) => {
  const isNormFirst = spec.order === "norm-activation-conv";
  const owner = isNormFirst ? index + 1 : index;
  // In a merged net with the order conv-norm-activation the norm is folded into the filters.
  return numbers[owner]?.normFactors ?? null;
};

/**
 * The dead channels of convolution `index`: outputs that are the same for every image, because all quantized weights of their
 * filter are 0 or the gamma of the norm after it is 0. Channels whose inputs are all dead do not count.
 */
export const deadChannels = (
  spec: NetSpec,
  numbers: readonly ConvNumbers[],
  index: number,
): number[] => {
  const own = numbers[index] as ConvNumbers;
  const width = spec.convs[index]?.width ?? 0;
  const { minGamma } = spec.norm;
  const isRaised = minGamma !== null && minGamma > 0 && spec.form !== "merged";
  const factors = isRaised ? null : factorsAfter(spec, numbers, index);
  return Array.from({ length: width }, (_, channel) => channel).filter(
    (channel) => factors?.[channel] === 0 || isSilentFilter(own, channel, width),
  );
};
