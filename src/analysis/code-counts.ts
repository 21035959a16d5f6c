import type { GridKernel } from "../quant/numbers/grid-kernel.js";

/** The number of weights of a kernel at each value of their grid. */
export interface CodeCounts {
  /** `sign`: -1, 0 and 1; `dorefa`: the codes 0 to 2^bits - 1 (see KernelGrid). */
  readonly grid: "sign" | "dorefa";
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

/**
 * Counts the codes of a quantized kernel.
 * Example: the ternary codes 1 0 1 -1 have the counts [1, 1, 2] and 1.5 bits of entropy.
 */
export const codeCounts = ({ grid, codes }: GridKernel): CodeCounts => {
  const [least, values] = grid.kind === "sign" ? [-1, 3] : [0, 2 ** grid.bits];
  const counts = new Array<number>(values).fill(0);
  for (const code of codes) counts[code - least] = (counts[code - least] as number) + 1;
  return { grid: grid.kind, counts, entropyBits: entropy(counts) };
};
