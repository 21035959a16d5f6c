/**
 * The importance at or below which channels are pruned, as in the reference scripts: all are sorted together, and the one at
 * index floor(percent * count), at most the last, is the threshold.
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

/** The threshold of makePlan: at 0 percent nothing is pruned, while the reference scripts prune the least important channel. */
export const pruningThreshold = (
  importance: readonly ArrayLike<number>[],
  percent: number,
): number => (percent === 0 ? Number.NEGATIVE_INFINITY : globalThreshold(importance, percent));

/** The same rule within each layer, with a percent per layer. */
export const layerThresholds = (
  importance: readonly ArrayLike<number>[],
  percents: readonly number[],
): number[] => importance.map((layer, at) => pruningThreshold([layer], percents[at] as number));

/**
 * The number of a layer's channels above its threshold, at least one.
 * Example: of [1, 2, 3], 2 are above 1.5; none is above 9, so 1.
 */
export const countAbove = (layer: ArrayLike<number>, threshold: number): number =>
  Math.max(1, Array.from(layer).filter((value) => value > threshold).length);
