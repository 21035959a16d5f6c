/**
 * The importance at or below which channels go: all are sorted together, and the one at
 * floor(percent * count) is the threshold (at most the last), as in the original.
 * Example: [0.5, 2] and [1, 3] at 0.5 sort to 0.5 1 2 3, index 2, so the threshold is 2 and only 3 stays.
 */
export const globalThreshold = (
  importance: readonly ArrayLike<number>[],
  percent: number,
): number => {
  const sorted = Float64Array.from(importance.flatMap((layer) => Array.from(layer))).sort();
  const index = Math.min(Math.floor(sorted.length * percent), sorted.length - 1);
  return sorted[index] as number;
};

/** The threshold that qprune prunes by: a percent of 0 prunes nothing, where the original's rule prunes the least important channel. */
export const pruningThreshold = (
  importance: readonly ArrayLike<number>[],
  percent: number,
): number => (percent === 0 ? Number.NEGATIVE_INFINITY : globalThreshold(importance, percent));

/** The same rule within each layer, with a percent of its own. */
export const layerThresholds = (
  importance: readonly ArrayLike<number>[],
  percents: readonly number[],
): number[] => importance.map((layer, at) => pruningThreshold([layer], percents[at] as number));

/**
 * How many channels of a layer lie above its threshold; a layer that would lose all keeps one.
 * Example: [1, 2, 3] above 1.5 are 2; above 9 none, so 1.
 */
export const countAbove = (layer: ArrayLike<number>, threshold: number): number =>
  Math.max(1, Array.from(layer).filter((value) => value > threshold).length);
