import { gridOf } from "../../graph/model.js";
import type { WeightQuantization } from "../../graph/quantizers.js";
import { affineKernel } from "./affine-kernel.js";
import type { GridKernel } from "./grid-kernel.js";
import { levelsOf } from "./grids.js";
import { codesOf, type LatentKernel, wholeMagnitude } from "./latent-kernel.js";
import { roundToEven } from "./round-to-even.js";
import { binaryKernel, ternaryKernel } from "./sign-kernels.js";

const { fround } = Math;

const filled = (filters: number, value: number): Float32Array =>
  new Float32Array(filters).fill(value);

/** The reference implementation of quantizeDoReFaWeights (tensors/dorefa-weights.ts, with the formula), as codes. */
const doReFaKernel = ({ values, shape }: LatentKernel, bits: number): GridKernel => {
  const t = values.map(Math.tanh);
  const largest = t.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const levels = levelsOf(bits);
  const codes = codesOf(t, (value) =>
    roundToEven(fround(fround(fround(value / largest) / 2 + 0.5) * levels)),
  );
  return { grid: { kind: "dorefa", bits }, codes, scale: filled(shape[0], 1) };
};

/** The reference implementation of the op learnedWeights (tensor/ops/learned-weights.ts, with the formula), as codes. */
const learnedKernel = ({ values, shape }: LatentKernel, bits: number, step: number): GridKernel => {
  const levels = levelsOf(bits);
  const range = fround(step * (levels / 2));
  const codes = codesOf(values, (value) => {
    const clamped = Math.min(Math.max(fround(value / range), -1), 1);
    return roundToEven(fround(fround(clamped / 2 + 0.5) * levels));
  });
  return { grid: { kind: "dorefa", bits }, codes, scale: filled(shape[0], 1) };
};

/**
 * Quantizes the latent weights of a kernel to codes and scales without an engine: the reference implementation of
 * quantizeWeights. Its values equal those of the JavaScript engine to the bit. The native engine sums in another order and
 * has another tanh, so a weight next to a threshold may differ. Undefined if the weights have full precision.
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
    case "affine":
      return affineKernel(kernel.values, filters, weights);
    case "dorefa":
      if (!gridOf(weights)) return undefined;
      if (kernel.step !== undefined) return learnedKernel(kernel, weights.bits, kernel.step);
      if (weights.bits > 1) return doReFaKernel(kernel, weights.bits);
      return {
        ...binaryKernel(kernel, false),
        scale: filled(filters, wholeMagnitude(kernel)),
      };
  }
};
