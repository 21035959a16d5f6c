import type { KernelGrid } from "../../graph/model.js";
import { levelsOf } from "./grids.js";

/** A quantized kernel [out, in / groups, kh, kw] as integer codes. A weight is its grid value times its filter's scale. */
export interface GridKernel {
  readonly grid: KernelGrid;
  readonly codes: Int16Array;
  /** One per filter. */
  readonly scale: Float32Array;
}

/** The grid value of a code, in float32. */
export const gridValue = (grid: KernelGrid, code: number): number => {
  if (grid.kind !== "dorefa") return code;
  const levels = levelsOf(grid.bits);
  return Math.fround((2 * code - levels) / levels);
};

/** The weights of a kernel, exactly those from which the codes were taken. */
export const kernelValues = ({ grid, codes, scale }: GridKernel): Float32Array => {
  const size = codes.length / scale.length;
  return Float32Array.from(
    codes,
    // Adding 0 turns -0 into 0; codes do not distinguish them.
    (code, index) => gridValue(grid, code) * (scale[Math.floor(index / size)] as number) + 0,
  );
};

const signCodes = (values: Float32Array, filters: number): GridKernel => {
  const size = values.length / filters;
  const scale = Float32Array.from({ length: filters }, (_, filter) => {
    let largest = 0;
    for (let index = filter * size; index < (filter + 1) * size; index++) {
      largest = Math.max(largest, Math.abs(values[index] as number));
    }
    return largest;
  });
  return { grid: { kind: "sign" }, codes: Int16Array.from(values, Math.sign), scale };
};

/**
 * Splits the quantized weights of a kernel into codes and scales. On a sign grid the scale of a filter is its largest
 * magnitude. On the other grids, `scale` has one number per filter (default 1).
 * Example: filters [0.5, -0.5] and [0, 2] on a sign grid have the codes 1 -1 0 1 and the scales 0.5 and 2.
 */
export const toGridKernel = (
  values: Float32Array,
  filters: number,
  grid: KernelGrid,
  scale: Float32Array = new Float32Array(filters).fill(1),
): GridKernel => {
  if (grid.kind === "sign") return signCodes(values, filters);
  const [size, levels] = [values.length / filters, levelsOf(grid.bits)];
  const codes = Int16Array.from(values, (value, index) => {
    const factor = scale[Math.floor(index / size)] as number;
    const unit = factor === 0 ? 0 : value / factor;
    if (grid.kind === "affine") return Math.round(unit);
    return Math.round(((unit + 1) * levels) / 2);
  });
  return { grid, codes, scale };
};
