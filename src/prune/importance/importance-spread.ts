/** How much the importances of channels differ. */
export interface ImportanceSpread {
  /** The smallest and the largest importance, without a twentieth of the channels at either end. */
  readonly low: number;
  readonly high: number;
  /** Whether the importances are so similar that they hardly favor one channel over another. */
  readonly isTight: boolean;
}

const TRIMMED_SHARE = 0.05;
/** For gammas, low / high is 0.5 (many epochs) to 1 (few) after plain training, and below 0.1 after sparse training. */
const TIGHT_RATIO = 0.5;

/**
 * The spread of importances over all layers, which are ranked together.
 * Example: of 0.1, eighteen times 1, and 3, the first and the last are left out; the rest, 1 to 1, is tight.
 */
export const importanceSpread = (importance: readonly ArrayLike<number>[]): ImportanceSpread => {
  const sorted = Float64Array.from(importance.flatMap((layer) => Array.from(layer))).sort();
  const trimmed = Math.floor(sorted.length * TRIMMED_SHARE);
  const low = sorted.at(trimmed) ?? Number.NaN;
  const high = sorted.at(-1 - trimmed) ?? Number.NaN;
  return { low, high, isTight: low > TIGHT_RATIO * high };
};
