import type { WeightQuantization } from "../quantization.js";
import { levelsOf } from "./grids.js";

/**
 * The values that quantized weights take before their scale:
 * - `sign`: -1, 0, 1, the codes themselves (binary, ternary, DoReFa of 1 bit)
 * - `dorefa`: (2 code - n) / n of the codes 0 to n = 2^bits - 1
 */
export type KernelGrid =
  | { readonly kind: "sign" }
  | { readonly kind: "dorefa"; readonly bits: number };

/** A quantized kernel [out, in / groups, kh, kw] taken apart. Each weight is the grid's value times its filter's scale. */
export interface GridKernel {
  readonly grid: KernelGrid;
  readonly codes: Int16Array;
  /** One a filter. */
  readonly scale: Float32Array;
}

/** The grid of a quantization; undefined where weights stay full precision. */
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
  }
};

/** A grid's value of a code, in float32. */
export const gridValue = (grid: KernelGrid, code: number): number => {
  if (grid.kind === "sign") return code;
  const levels = levelsOf(grid.bits);
  return Math.fround((2 * code - levels) / levels);
};

/** The weights of a kernel that was taken apart: exactly those that it was made of. */
export const kernelValues = ({ grid, codes, scale }: GridKernel): Float32Array => {
  const size = codes.length / scale.length;
  return Float32Array.from(
    codes,
    // Adding 0 turns -0, which codes cannot tell from 0, into 0.
    (code, at) => gridValue(grid, code) * (scale[Math.floor(at / size)] as number) + 0,
  );
};

const signCodes = (values: Float32Array, filters: number): GridKernel => {
  const size = values.length / filters;
  const scale = Float32Array.from({ length: filters }, (_, filter) => {
    let largest = 0;
    for (let at = filter * size; at < (filter + 1) * size; at++) {
      largest = Math.max(largest, Math.abs(values[at] as number));
    }
    return largest;
  });
  return { grid: { kind: "sign" }, codes: Int16Array.from(values, Math.sign), scale };
};

/**
 * Takes the quantized weights of a kernel apart. Signs need no scale: it is the largest magnitude of each
 * filter. For DoReFa, `scale` has one a filter, 1 where absent.
 * Example: filters [0.5, -0.5] and [0, 2] of a sign grid have the codes 1 -1 0 1 and the scales 0.5 and 2.
 */
export const toGridKernel = (
  values: Float32Array,
  filters: number,
  grid: KernelGrid,
  scale: Float32Array = new Float32Array(filters).fill(1),
): GridKernel => {
  if (grid.kind === "sign") return signCodes(values, filters);
  const [size, levels] = [values.length / filters, levelsOf(grid.bits)];
  const codes = Int16Array.from(values, (value, at) => {
    const factor = scale[Math.floor(at / size)] as number;
    const unit = factor === 0 ? 0 : value / factor;
    return Math.round(((unit + 1) * levels) / 2);
  });
  return { grid, codes, scale };
};
