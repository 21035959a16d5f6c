import type { KernelGrid, QuantizedTensor, WeightValue } from "../../graph/model.js";
import { type GridKernel, kernelValues, toGridKernel } from "./grid-kernel.js";
import { levelsOf } from "./grids.js";

/** Chooses the codes and the scale of a filter in place, and returns the scale; see {@link quantizedTensor}. */
const normalizeFilter = (grid: KernelGrid, codes: Int16Array, scale: number): number => {
  if (grid.kind === "dorefa") {
    if (scale === 0) codes.fill(Math.round(levelsOf(grid.bits) / 2));
    return scale;
  }
  if (scale === 0 || (grid.kind === "sign" && codes.every((code) => code === 0))) {
    codes.fill(0);
    return grid.kind === "affine" ? 1 : 0;
  }
  if (scale > 0) return scale;
  for (let index = 0; index < codes.length; index++) codes[index] = -(codes[index] as number);
  return -scale;
};

/**
 * A quantized kernel as a tensor. Of all codes and scales of the same weights it takes those that {@link toGridKernel}
 * finds: on a sign grid no scale is negative, and a filter of zeros has zeros as its scale and codes. On an affine one, a
 * scale of 0 becomes 1. On a DoReFa grid scales are kept, and a filter whose scale is 0 has the code above the middle.
 * Example: the codes 1 -1 with the scale -2 become -1 1 with the scale 2.
 */
export const quantizedTensor = (
  shape: readonly number[],
  { grid, codes, scale }: GridKernel,
): QuantizedTensor => ownedTensor(shape, { grid, codes: codes.slice(), scale });

/** The same with the given codes, which it may change. */
export const ownedTensor = (
  shape: readonly number[],
  { grid, codes, scale }: GridKernel,
): QuantizedTensor => {
  const size = codes.length / scale.length;
  const scales = scale.map((value, filter) =>
    normalizeFilter(grid, codes.subarray(filter * size, (filter + 1) * size), value),
  );
  return { kind: "quantized", shape, grid, codes, scale: scales };
};

export interface KernelOnGrid {
  readonly shape: readonly number[];
  readonly grid: KernelGrid;
  /** Scales per filter of DoReFa weights; 1 by default. */
  readonly scale?: Float32Array | undefined;
}

/** A kernel whose float weights are on a grid, as a tensor. */
export const toQuantizedTensor = (
  values: Float32Array,
  { shape, grid, scale }: KernelOnGrid,
): QuantizedTensor => quantizedTensor(shape, toGridKernel(values, shape[0] as number, grid, scale));

/** A grid value times its scale differs from the stored weight by the rounding of one float32 product. */
const GRID_TOLERANCE = 2 ** -22;

/** Index of the first of the weights that differs from the tensor taken from them or has no code of its grid, or -1. */
export const firstOffGrid = (tensor: QuantizedTensor, values: Float32Array): number => {
  const { grid, codes, scale } = tensor;
  const [restored, size] = [kernelValues(tensor), values.length / scale.length];
  const largest = grid.kind === "sign" ? 1 : levelsOf(grid.bits);
  return values.findIndex((value, index) => {
    const difference = Math.abs((restored[index] as number) - value);
    const tolerance = GRID_TOLERANCE * Math.abs(scale[Math.floor(index / size)] as number);
    const code = codes[index] as number;
    const isCode =
      grid.kind === "affine"
        ? Math.abs(code) <= largest
        : code <= largest && (grid.kind === "sign" || code >= 0);
    return !(isCode && difference <= tolerance);
  });
};

/** The numbers of a tensor in float32, in PyTorch's order. */
export const weightNumbers = (weight: WeightValue): Float32Array =>
  weight.kind === "float" ? weight.values : kernelValues(weight);

/** Multiplies each filter of a kernel by a factor; quantized weights keep their codes up to the sign. */
export const scaleFilters = (weight: WeightValue, factors: readonly number[]): WeightValue => {
  if (weight.kind === "quantized") {
    const scale = weight.scale.map((value, filter) => value * (factors[filter] as number));
    return quantizedTensor(weight.shape, { ...weight, scale });
  }
  const size = weight.values.length / factors.length;
  const values = weight.values.map(
    (value, index) => value * (factors[Math.floor(index / size)] as number),
  );
  return { kind: "float", shape: weight.shape, values };
};
