import type { QuantizedTensor, WeightValue } from "../../graph/model.js";
import { zeroPoints } from "../../quant/numbers/affine-kernel.js";
import { levelsOf } from "../../quant/numbers/grids.js";
import type { FewBits, OnnxBuilder } from "./onnx-builder.js";

/**
 * Integers q and factors per filter with which a quantized kernel is scale (q - zero) - shift:
 * - signs: q is -1, 0 or 1
 * - DoReFa with 2 to 7 bits: q = 2 code - n, from -n to n = 2^bits - 1, and scale / n
 * - DoReFa with 8 bits: q is the code, from 0 to 255, which bytes with a sign cannot hold doubled: 2 scale / n q - scale
 * - affine: q is the code if bytes with a sign hold it, otherwise the code plus a zero point per filter
 */
export interface IntegerKernel {
  readonly integers: Int8Array | Uint8Array;
  readonly scale: Float32Array;
  readonly shift: Float32Array | undefined;
  /** 0 for all filters if absent. */
  readonly zero?: Uint8Array;
}

/** The largest magnitude of a byte with a sign. */
const LARGEST_BYTE = 127;

const affineIntegers = (kernel: QuantizedTensor): IntegerKernel => {
  const { codes, scale } = kernel;
  const zero = zeroPoints(kernel);
  if (!zero) return { integers: Int8Array.from(codes), scale, shift: undefined };
  const size = codes.length / scale.length;
  const integers = Uint8Array.from(
    codes,
    (code, index) => code + (zero[Math.floor(index / size)] as number),
  );
  return { integers, scale, shift: undefined, zero };
};

export const integerKernel = (kernel: QuantizedTensor): IntegerKernel => {
  const { grid, codes, scale } = kernel;
  if (grid.kind === "sign") return { integers: Int8Array.from(codes), scale, shift: undefined };
  if (grid.kind === "affine") return affineIntegers(kernel);
  const levels = levelsOf(grid.bits);
  if (levels > LARGEST_BYTE)
    return {
      integers: Uint8Array.from(codes),
      scale: scale.map((each) => (2 * each) / levels),
      shift: scale,
    };
  return {
    integers: Int8Array.from(codes, (code) => 2 * code - levels),
    scale: scale.map((each) => each / levels),
    shift: undefined,
  };
};

/** Opsets that weights are written for: the first with scales per filter, with 4-bit types, and with 2-bit types. */
export type Opset = "18" | "21" | "25";

/** The fewest bits of the types that an opset has. */
const LEAST_BITS: Readonly<Record<Opset, number>> = { "18": 8, "21": 4, "25": 2 };

/** Weights as integers of 2 or 4 bits, if their grid fits and the opset has such types. */
const fewBitsOf = (
  kernel: QuantizedTensor,
  opset: Opset,
):
  | { readonly values: FewBits; readonly scale: Float32Array; readonly shift?: Float32Array }
  | undefined => {
  const { grid, codes, scale } = kernel;
  const needed = grid.kind === "sign" ? 2 : grid.bits;
  const bits = [2, 4].find((each) => each >= needed && each >= LEAST_BITS[opset]);
  if (bits === undefined) return undefined;
  const signed = bits === 2 ? "int2" : "int4";
  if (grid.kind === "sign")
    return { values: { type: signed, integers: Int8Array.from(codes) }, scale };
  if (grid.kind === "affine") {
    // Zero points would need types of few bits, too.
    if (zeroPoints(kernel)) return undefined;
    return { values: { type: signed, integers: Int8Array.from(codes) }, scale };
  }
  const levels = levelsOf(grid.bits);
  return {
    values: { type: bits === 2 ? "uint2" : "uint4", integers: Uint8Array.from(codes) },
    scale: scale.map((each) => (2 * each) / levels),
    shift: scale,
  };
};

const addShift = (
  builder: OnnxBuilder,
  name: string,
  kernel: string,
  { shape, shift }: { readonly shape: readonly number[]; readonly shift: Float32Array },
): string => {
  const dims = [shift.length, ...shape.slice(1).map(() => 1)];
  const inputs = [kernel, builder.tensor(`${name}.weight_shift`, dims, shift)];
  return builder.add("Sub", { name: `${name}.weight`, inputs });
};

/** Adds the kernel of a layer [filters, ...], integers with scales per filter if it is quantized, and returns its value. */
export const addKernel = (
  builder: OnnxBuilder,
  name: string,
  weight: WeightValue,
  opset: Opset,
): string => {
  const { shape } = weight;
  if (weight.kind === "float") return builder.tensor(`${name}.weight`, shape, weight.values);
  const few = fewBitsOf(weight, opset);
  const bytes = few ? undefined : integerKernel(weight);
  const { scale, shift } = few ?? (bytes as IntegerKernel);
  const filters = scale.length;
  const integers = bytes?.integers;
  const codes = `${name}.weight_codes`;
  const zeros =
    integers &&
    builder.tensor(
      `${name}.weight_zero`,
      [filters],
      bytes.zero ??
        (integers instanceof Int8Array ? new Int8Array(filters) : new Uint8Array(filters)),
    );
  const kernel = builder.add("DequantizeLinear", {
    name: shift ? `${name}.weight_unshifted` : `${name}.weight`,
    inputs: [
      few
        ? builder.fewBits(codes, shape, few.values)
        : builder.tensor(codes, shape, integers ?? new Int8Array()),
      builder.tensor(`${name}.weight_scale`, [filters], scale),
      ...(zeros === undefined ? [] : [zeros]),
    ],
    attributes: { axis: 0 },
  });
  return shift ? addShift(builder, name, kernel, { shape, shift }) : kernel;
};
