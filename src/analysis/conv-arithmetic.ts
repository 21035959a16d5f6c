import { gridOf } from "../graph/model.js";
import { convMacs } from "../models/net-cost.js";
import type { ConvSpec, NetSpec } from "../models/spec.js";

/** Bits of a number that is not quantized. */
export const FLOAT_BITS = 32;
const TERNARY_BITS = 2;

/** The bits and operations of one convolution, for one image. */
export interface ConvArithmetic {
  readonly weightBits: number;
  /** Bits of its input: the quantized activations, or float. */
  readonly inputBits: number;
  /** Multiply-accumulate operations. */
  readonly macs: number;
  /** The MACs with 1-bit weights and 1-bit inputs; hardware can compute these without multiplications. */
  readonly binaryOps: number;
}

const weightBits = ({ quantization: { weights } }: NetSpec): number => {
  const grid = gridOf(weights);
  if (!grid) return FLOAT_BITS;
  if (grid.kind === "dorefa") return grid.bits;
  return weights.kind === "ternary" ? TERNARY_BITS : 1;
};

/** Bits of a quantized activation; a sign counts as one bit, although it is 0 at 0. */
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

/** Bits and operations of every convolution, from the spec alone. The image, the input of the first one, is float. */
export const convArithmetic = (spec: NetSpec): ConvArithmetic[] =>
  convMacs(spec).map((macs, index) => {
    const conv = spec.convs[index] as ConvSpec;
    const bits = {
      weightBits: conv.isQuantized ? weightBits(spec) : FLOAT_BITS,
      inputBits: conv.isQuantized && index > 0 ? activationBits(spec) : FLOAT_BITS,
    };
    const isBinary = bits.weightBits === 1 && bits.inputBits === 1;
    return { ...bits, macs, binaryOps: isBinary ? macs : 0 };
  });
