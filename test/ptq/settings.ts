import type { QuantizeModelOptions } from "../../src/ptq/quantize-model.js";

/** Eight bits, each step in its plainest form. */
export const SETTINGS: QuantizeModelOptions = {
  observer: "minmax",
  percentile: 99.99,
  isSymmetric: false,
  weights: { isPerChannel: true, isSymmetric: true },
  bitsOf: () => ({ weights: 8, activations: 8 }),
  joinBits: 8,
  equalizes: false,
  worstInFloat: 0,
  clipsWeights: false,
  roundingSteps: 0,
  matchesVariance: false,
  correctsBias: false,
  seed: 1,
};
