import { convMacs } from "../models/net-cost.js";
import type { ConvSpec, NetSpec } from "../models/spec.js";
import { gridOf } from "../quant/numbers/grid-kernel.js";

/** Bits of a number that is not quantized. */
export const FLOAT_BITS = 32;
const TERNARY_BITS = 2;

/** What one convolution computes, for one image. */
export interface ConvArithmetic {
  readonly weightBits: number;
  /** Of what it reads: the quantized activations, or float where they are not quantized. */
  readonly inputBits: number;
  /** Multiplications and additions. */
  readonly macs: number;
  /** Those whose weights and inputs both have one bit; a net on such machines needs no multiplication there. */
  readonly binaryOps: number;
}

const weightBits = ({ quantization: { weights } }: NetSpec): number => {
  const grid = gridOf(weights);
  if (!grid) return FLOAT_BITS;
  if (grid.kind === "dorefa") return grid.bits;
  return weights.kind === "ternary" ? TERNARY_BITS : 1;
};

/** Bits of a quantized activation; a sign has one, its 0 at 0 notwithstanding. */
export const activationBits = ({ quantization: { activations } }: NetSpec): number => {
  switch (activations.kind) {
    case "float":
      return FLOAT_BITS;
    case "dorefa":
      return activations.bits;
    case "binary":
      return 1;
    case "ternary":
      return TERNARY_BITS;
  }
};

/**
 * Bits and operations of every convolution, from the spec alone. The image that the first one reads is float.
 */
export const convArithmetic = (spec: NetSpec): ConvArithmetic[] =>
  convMacs(spec).map((macs, at) => {
    const conv = spec.convs[at] as ConvSpec;
    const bits = {
      weightBits: conv.isQuantized ? weightBits(spec) : FLOAT_BITS,
      inputBits: conv.isQuantized && at > 0 ? activationBits(spec) : FLOAT_BITS,
    };
    const isBinary = bits.weightBits === 1 && bits.inputBits === 1;
    return { ...bits, macs, binaryOps: isBinary ? macs : 0 };
  });
