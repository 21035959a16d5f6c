/** How far apart the importances of channels lie. */
export interface ImportanceSpread {
  /** The smallest and the largest, a twentieth of the channels left out at either end. */
  readonly low: number;
  readonly high: number;
  /** Whether they lie so close together that little speaks for one channel against another. */
  readonly isTight: boolean;
}

const LEFT_OUT = 0.05;
/**
 * Of gammas, low / high is 0.5 (many epochs) to 1 (few) behind plain training, and below 0.1 where sparse training
 * has done its work.
 */
const TIGHT_RATIO = 0.5;

/**
 * How far apart the channels lie that are ranked together, those of all layers.
 * Example: of 0.1, eighteen times 1, and 3 the first and the last are left out; the others, 1 to 1, are tight.
 */
export const importanceSpread = (importance: readonly ArrayLike<number>[]): ImportanceSpread => {
  const sorted = Float64Array.from(importance.flatMap((layer) => Array.from(layer))).sort();
  const leftOut = Math.floor(sorted.length * LEFT_OUT);
  const low = sorted.at(leftOut) ?? Number.NaN;
  const high = sorted.at(-1 - leftOut) ?? Number.NaN;
  return { low, high, isTight: low > TIGHT_RATIO * high };
};
