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
  // DoReFa of 2 bits and more has no 0.
  if (quantized?.grid.kind === "dorefa") return false;
  return weights.subarray(filter * size, (filter + 1) * size).every((weight) => weight === 0);
};

/** The factors of the norm that sees the outputs of convolution `at`: its own, or that of its reader. */
const factorsBehind = (spec: NetSpec, numbers: readonly ConvNumbers[], at: number) => {
  const isNormInFront = spec.order === "norm-activation-conv";
  const owner = isNormInFront ? at + 1 : at;
  // A merged net has a norm of the conv-norm-activation order in the filters themselves.
  return numbers[owner]?.normFactors ?? null;
};

/**
 * The dead channels of convolution `at`: outputs that are the same for every image, since all weights of
 * their filter are 0 (as the net computes with them), or the gamma of the norm behind it is 0. Channels that
 * read dead ones alone are not counted.
 */
export const deadChannels = (
  spec: NetSpec,
  numbers: readonly ConvNumbers[],
  at: number,
): number[] => {
  const own = numbers[at] as ConvNumbers;
  const width = spec.convs[at]?.width ?? 0;
  const { minGamma } = spec.norm;
  const isRaised = minGamma !== null && minGamma > 0 && spec.form !== "merged";
  const factors = isRaised ? null : factorsBehind(spec, numbers, at);
  return Array.from({ length: width }, (_, channel) => channel).filter(
    (channel) => factors?.[channel] === 0 || isSilentFilter(own, channel, width),
  );
};
