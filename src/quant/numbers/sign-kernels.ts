import type { WeightQuantization } from "../../graph/quantizers.js";
import type { GridKernel } from "./grid-kernel.js";
import { TERNARY_THRESHOLD_SHARE } from "./grids.js";
import { codesOf, filterSize, filterSum, type LatentKernel, magnitudes } from "./latent-kernel.js";

const { fround } = Math;

const ones = (filters: number): Float32Array => new Float32Array(filters).fill(1);

const SIGNS = { kind: "sign" } as const;

/** The reference implementation of quantizeBinaryWeights (tensors/binary-weights.ts, with the formula), as codes. */
export const binaryKernel = (kernel: LatentKernel, hasAlpha: boolean): GridKernel => ({
  grid: SIGNS,
  codes: codesOf(kernel.values, Math.sign),
  scale: hasAlpha ? magnitudes(kernel) : ones(kernel.shape[0]),
});

/** The reference implementation of quantizeTernaryWeights (tensors/ternary-weights.ts, with the formula), as codes. */
export const ternaryKernel = (
  kernel: LatentKernel,
  { hasAlpha, gapRatio }: Extract<WeightQuantization, { kind: "ternary" }>,
): GridKernel => {
  const { values, shape, lastCodes } = kernel;
  const size = filterSize(kernel);
  const thresholds = magnitudes(kernel).map((mean) => mean * fround(TERNARY_THRESHOLD_SHARE));
  const bandStarts = thresholds.map((threshold) => threshold * fround(gapRatio ?? 1));
  const codes = codesOf(values, (weight, index) => {
    const filter = Math.floor(index / size);
    const magnitude = Math.abs(weight);
    if (magnitude >= (thresholds[filter] as number)) return Math.sign(weight);
    const isInBand = lastCodes && gapRatio !== null && magnitude >= (bandStarts[filter] as number);
    return isInBand ? (lastCodes[index] as number) : 0;
  });
  if (!hasAlpha) return { grid: SIGNS, codes, scale: ones(shape[0]) };
  const scale = thresholds.map((threshold, filter) => {
    const isAbove = (weight: number): boolean => Math.abs(weight) > threshold;
    const sum = filterSum(kernel, filter, (weight) => (isAbove(weight) ? Math.abs(weight) : 0));
    return (
      sum /
      Math.max(
        1,
        filterSum(kernel, filter, (weight) => (isAbove(weight) ? 1 : 0)),
      )
    );
  });
  return { grid: SIGNS, codes, scale };
};
