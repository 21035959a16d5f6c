import type { QuantizedTensor, WeightValue } from "../../graph/model.js";
import { zeroPoints } from "../../quant/numbers/affine-kernel.js";
import { levelsOf } from "../../quant/numbers/grids.js";
import type { OnnxBuilder } from "./onnx-builder.js";

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

/** Adds the kernel of a layer [filters, ...], integers with scales per filter if it is quantized, and returns its value. */
export const addKernel = (builder: OnnxBuilder, name: string, weight: WeightValue): string => {
  const { shape } = weight;
  if (weight.kind === "float") return builder.tensor(`${name}.weight`, shape, weight.values);
  const { integers, scale, shift, zero } = integerKernel(weight);
  const filters = scale.length;
  const kernel = builder.add("DequantizeLinear", {
    name: shift ? `${name}.weight_unshifted` : `${name}.weight`,
    inputs: [
      builder.tensor(`${name}.weight_codes`, shape, integers),
      builder.tensor(`${name}.weight_scale`, [filters], scale),
      builder.tensor(
        `${name}.weight_zero`,
        [filters],
        zero ?? (integers instanceof Int8Array ? new Int8Array(filters) : new Uint8Array(filters)),
      ),
    ],
    attributes: { axis: 0 },
  });
  if (!shift) return kernel;
  const dims = [filters, ...shape.slice(1).map(() => 1)];
  const inputs = [kernel, builder.tensor(`${name}.weight_shift`, dims, shift)];
  return builder.add("Sub", { name: `${name}.weight`, inputs });
};
