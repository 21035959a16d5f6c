import type { WeightQuantization } from "../quantization.js";
import { type GridKernel, gridOf } from "./grid-kernel.js";
import { levelsOf } from "./grids.js";
import { codesOf, type LatentKernel, wholeMagnitude } from "./latent-kernel.js";
import { binaryKernel, ternaryKernel } from "./latent-signs.js";

const { fround } = Math;

const filled = (filters: number, value: number): Float32Array =>
  new Float32Array(filters).fill(value);

/** To the nearest whole number, half to even. */
const roundToEven = (value: number): number => {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
};

const doReFaKernel = ({ values, shape }: LatentKernel, bits: number): GridKernel => {
  const t = values.map(Math.tanh);
  const largest = t.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const levels = levelsOf(bits);
  const codes = codesOf(t, (value) =>
    roundToEven(fround(fround(fround(value / largest) / 2 + 0.5) * levels)),
  );
  return { grid: { kind: "dorefa", bits }, codes, scale: filled(shape[0], 1) };
};

/**
 * The quantized weights of a kernel from its latent ones, taken apart into codes and scales, without an
 * engine: the plain twin of quantizeWeights. Its values are those of the JavaScript engine to the bit. The
 * native engine sums in another order and has another tanh, so that a weight at a threshold may differ.
 * Undefined where weights stay full precision.
 */
export const quantizeLatentKernel = (
  kernel: LatentKernel,
  weights: WeightQuantization,
): GridKernel | undefined => {
  const [filters] = kernel.shape;
  switch (weights.kind) {
    case "float":
      return undefined;
    case "binary":
      return binaryKernel(kernel, weights.hasAlpha);
    case "ternary":
      return ternaryKernel(kernel, weights);
    case "dorefa":
      if (!gridOf(weights)) return undefined;
      if (weights.bits > 1) return doReFaKernel(kernel, weights.bits);
      return {
        ...binaryKernel(kernel, false),
        scale: filled(filters, wholeMagnitude(kernel)),
      };
  }
};
