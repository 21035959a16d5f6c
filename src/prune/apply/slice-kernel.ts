/** The parts of a kernel [out, in / groups, area] that stay. */
export interface KernelCut {
  /** Old index of each new filter. */
  readonly filters: readonly number[];
  /** Old position of each new input. */
  readonly inputs: readonly number[];
  /** Groups before and after. */
  readonly groups: readonly [before: number, after: number];
  /** Filters and inputs before. */
  readonly oldFilters: number;
  readonly oldInputs: number;
  /** Positions of the window. */
  readonly area: number;
}

/** Numbers that can be copied in blocks. */
type Numbers = Float32Array | Int16Array;

/**
 * Slices a kernel: the filters of each group by that group's own inputs.
 * Example: a 1x1 kernel [[1, 2], [3, 4]] whose second filter and first input stay becomes [[3]].
 */
export const sliceKernel = <T extends Numbers>(kernel: T, cut: KernelCut): T => {
  const { filters, inputs, groups, oldFilters, oldInputs, area } = cut;
  const [before, after] = groups;
  const [oldPerGroup, perGroup] = [oldInputs / before, inputs.length / after];
  // A typed array has the constructor of its own type, which TypeScript does not follow through the union.
  const sliced = new (kernel.constructor as new (size: number) => T)(
    filters.length * perGroup * area,
  );
  let to = 0;
  for (const [filter, old] of filters.entries()) {
    const start = Math.floor((filter * after) / filters.length) * perGroup;
    const oldStart = Math.floor((old * before) / oldFilters) * oldPerGroup;
    for (let index = start; index < start + perGroup; index++) {
      const local = (inputs[index] as number) - oldStart;
      if (local < 0 || local >= oldPerGroup) throw new Error("A channel changed its group.");
      const from = (old * oldPerGroup + local) * area;
      // Windows are too small for copies of subarrays to be faster.
      for (let tap = from; tap < from + area; tap++) sliced[to++] = kernel[tap] as number;
    }
  }
  return sliced;
};
