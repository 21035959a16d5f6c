import type { Quantization } from "../../../src/graph/quantizers.js";
import type { ChainSpec } from "../../../src/models/chains/chain-spec.js";

/** A net that both programs train, in their words. */
export interface CurveCase {
  readonly name: string;
  readonly quantization: Quantization;
  readonly sequence: ChainSpec["sequence"];
  readonly gammaStart: "ones" | "uniform";
  readonly weightDecay: number;
  /**
   * Whether it is compared on the digits. Their background is one value: a binary activation of it flips on a rounding
   * error, and with it most of a map, so that two runs of one program differ by 30 points, too.
   */
  readonly isForDigits: boolean;
  /** The names of bench/torch. */
  readonly torch: {
    readonly family: "float" | "wqaq" | "wbwtab";
    readonly w: number;
    readonly a: number;
  };
}

const saturating = { values: "sign", straightThrough: "saturate" } as const;

export const curveCases: readonly CurveCase[] = [
  {
    name: "float",
    quantization: { weights: { kind: "float" }, activations: { kind: "float" } },
    ...{ sequence: "tnn_bin", gammaStart: "ones", weightDecay: 1e-7, isForDigits: true },
    torch: { family: "float", w: 32, a: 32 },
  },
  {
    name: "8-bit weights and activations",
    quantization: {
      weights: { kind: "dorefa", bits: 8 },
      activations: { kind: "dorefa", bits: 8, scale: 0.1 },
    },
    ...{ sequence: "dorefa", gammaStart: "ones", weightDecay: 1e-5, isForDigits: true },
    torch: { family: "wqaq", w: 8, a: 8 },
  },
  {
    name: "binary weights and activations",
    quantization: {
      weights: { kind: "binary", hasAlpha: true },
      activations: { kind: "binary", ...saturating },
    },
    ...{ sequence: "tnn_bin", gammaStart: "uniform", weightDecay: 0, isForDigits: false },
    torch: { family: "wbwtab", w: 2, a: 2 },
  },
  {
    name: "ternary weights, float activations",
    quantization: {
      weights: { kind: "ternary", hasAlpha: true, gapRatio: null },
      activations: { kind: "float" },
    },
    ...{ sequence: "tnn_bin", gammaStart: "uniform", weightDecay: 0, isForDigits: true },
    torch: { family: "wbwtab", w: 3, a: 32 },
  },
];
