import type { ActivationQuantization, WeightQuantization } from "../../src/graph/quantizers.js";

/** Every kind of quantized weights. */
export const quantizedWeights: readonly WeightQuantization[] = [
  { kind: "binary", hasAlpha: true },
  { kind: "binary", hasAlpha: false },
  { kind: "ternary", hasAlpha: true, gapRatio: null },
  { kind: "ternary", hasAlpha: false, gapRatio: 0.8 },
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((bits) => ({ kind: "dorefa", bits }) as const),
  { kind: "affine", bits: 8, isPerChannel: true, isSymmetric: true },
  { kind: "affine", bits: 8, isPerChannel: true, isSymmetric: false },
  { kind: "affine", bits: 4, isPerChannel: false, isSymmetric: true },
  { kind: "affine", bits: 3, isPerChannel: false, isSymmetric: false },
];

export const binaryActivations = {
  kind: "binary",
  values: "sign",
  straightThrough: "saturate",
} as const satisfies ActivationQuantization;

/** A name for a test. */
export const nameOf = (weights: WeightQuantization): string =>
  Object.values(weights).map(String).join(" ");
