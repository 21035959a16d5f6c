import type { CodeCounts } from "../../analysis/code-counts.js";

const BARS = "▁▂▃▄▅▆▇█";
/** More codes than this are grouped in bins. */
const MAX_BARS = 16;
/** Up to this many codes are listed in percent. */
const MAX_PERCENTAGES = 4;

const binned = (counts: readonly number[]): number[] => {
  const width = Math.max(1, counts.length / MAX_BARS);
  return Array.from({ length: counts.length / width }, (_, bin) =>
    counts.slice(bin * width, (bin + 1) * width).reduce((sum, count) => sum + count, 0),
  );
};

/** One bar per code or bin, scaled to the most frequent one; blank if it does not occur. */
const histogram = (counts: readonly number[]): string => {
  const bins = binned(counts);
  const largest = Math.max(...bins);
  return bins
    .map((count) => (count === 0 ? " " : BARS[Math.ceil((count / largest) * BARS.length) - 1]))
    .join("");
};

/** How often the codes of a kernel occur: percentages for few codes, otherwise a histogram in ascending order. */
export const codesText = ({ grid, counts }: CodeCounts): string => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts.length > MAX_PERCENTAGES) return `|${histogram(counts)}|`;
  const names = grid === "sign" ? ["-1", "0", "1"] : counts.map((_, code) => `#${code}`);
  return counts
    .map((count, code) => `${names[code]}: ${((100 * count) / total).toFixed(1)}%`)
    .join("  ");
};
