import type { Graph } from "./graph.js";
import type { WeightQuantization } from "./quantizers.js";

/** Plain numbers in PyTorch's order. */
export interface FloatTensor {
  readonly kind: "float";
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** The last codes (-1, 0, 1) of latent ternary weights with a hysteresis band. */
  readonly lastCodes?: Float32Array | undefined;
}

/**
 * The values of quantized weights before scaling:
 * - `sign`: -1, 0, 1, which are the codes themselves (binary, ternary, DoReFa with 1 bit)
 * - `dorefa`: (2 code - n) / n for codes from 0 to n = 2^bits - 1
 * - `affine`: the codes themselves, from which the zero point is subtracted already: those of a filter span at most
 *   2^bits - 1, and 0 is among the codes that they may have
 */
export type KernelGrid =
  | { readonly kind: "sign" }
  | { readonly kind: "dorefa" | "affine"; readonly bits: number };

/** Quantized weights as integer codes, filters first. A weight is its grid value times its filter's scale. */
export interface QuantizedTensor {
  readonly kind: "quantized";
  readonly shape: readonly number[];
  readonly grid: KernelGrid;
  readonly codes: Int16Array;
  /** One per filter. */
  readonly scale: Float32Array;
}

export type WeightValue = FloatTensor | QuantizedTensor;

/** A net as plain data: its graph, and its tensors by their names in a state dict. */
export interface Model {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, WeightValue>;
}

/** The grid of a quantization; undefined if the weights have full precision. */
export const gridOf = (weights: WeightQuantization): KernelGrid | undefined => {
  switch (weights.kind) {
    case "float":
      return undefined;
    case "dorefa":
      if (weights.bits === 32) return undefined;
      return weights.bits === 1 ? { kind: "sign" } : { kind: "dorefa", bits: weights.bits };
    case "binary":
    case "ternary":
      return { kind: "sign" };
    case "affine":
      return { kind: "affine", bits: weights.bits };
  }
};
