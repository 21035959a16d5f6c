import type { KernelGrid } from "../graph/model.js";
import type { GridKernel } from "../quant/numbers/grid-kernel.js";

/** The number of weights of a kernel at each value of their grid. */
export interface CodeCounts {
  /** `sign`: -1, 0 and 1; `dorefa`: the codes 0 to 2^bits - 1; `affine`: from the least to the largest code (see
   * KernelGrid). */
  readonly grid: KernelGrid["kind"];
  /** By code, in ascending order. */
  readonly counts: readonly number[];
  /** -sum p log2 p in bits per weight: what an ideal coder would need. */
  readonly entropyBits: number;
}

const entropy = (counts: readonly number[]): number => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const parts = counts.filter((count) => count > 0).map((count) => count / total);
  return parts.reduce((sum, part) => sum - part * Math.log2(part), 0);
};

/** The least code of a grid, and the number of codes. */
const codeRange = (grid: KernelGrid, codes: Int16Array): readonly [number, number] => {
  if (grid.kind === "sign") return [-1, 3];
  if (grid.kind === "dorefa") return [0, 2 ** grid.bits];
  const [least, most] = codes.reduce(
    ([low, high], code) => [Math.min(low, code), Math.max(high, code)] as const,
    [0, 0] as readonly [number, number],
  );
  return [least, most - least + 1];
};

/**
 * Counts the codes of a quantized kernel.
 * Example: the ternary codes 1 0 1 -1 have the counts [1, 1, 2] and 1.5 bits of entropy.
 */
export const codeCounts = ({ grid, codes }: GridKernel): CodeCounts => {
  const [least, values] = codeRange(grid, codes);
  const counts = new Array<number>(values).fill(0);
  for (const code of codes) counts[code - least] = (counts[code - least] as number) + 1;
  return { grid: grid.kind, counts, entropyBits: entropy(counts) };
};
