import type { CodeCounts } from "../../analysis/code-counts.js";

const BARS = "▁▂▃▄▅▆▇█";
/** More codes are drawn in bins of neighbours. */
const MOST_BARS = 16;
/** Up to so many codes are told in percent. */
const MOST_SHARES = 4;

const binned = (counts: readonly number[]): number[] => {
  const width = Math.max(1, counts.length / MOST_BARS);
  return Array.from({ length: counts.length / width }, (_, bin) =>
    counts.slice(bin * width, (bin + 1) * width).reduce((sum, count) => sum + count, 0),
  );
};

/** A bar for each code (or bin of codes), as high as its share beside the largest; a blank one for none. */
const histogram = (counts: readonly number[]): string => {
  const bins = binned(counts);
  const largest = Math.max(...bins);
  return bins
    .map((count) => (count === 0 ? " " : BARS[Math.ceil((count / largest) * BARS.length) - 1]))
    .join("");
};

/** How often a kernel's codes occur: shares of few values, else a histogram from the smallest to the largest. */
export const codesText = ({ grid, counts }: CodeCounts): string => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts.length > MOST_SHARES) return `|${histogram(counts)}|`;
  const names = grid === "sign" ? ["-1", "0", "1"] : counts.map((_, code) => `#${code}`);
  return counts
    .map((count, code) => `${names[code]}: ${((100 * count) / total).toFixed(1)}%`)
    .join("  ");
};
