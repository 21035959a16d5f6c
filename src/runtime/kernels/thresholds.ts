import { codesOf } from "../plan/code-format.js";
import type { Tail } from "../plan/plan.js";
import { tailFunction } from "../reference/tail.js";

/** More thresholds cost more than the operations that they replace. */
const MOST_THRESHOLDS = 3;
/** No sum of integers is larger in magnitude. */
const LIMIT = 2 ** 30;
const MOST_INTEGER = 2 ** 31 - 1;

/** How integer sums become the values before a tail. */
interface IntegerSums {
  readonly constant: Int32Array | null;
  readonly factor: Float32Array;
}

/** The least integer from -LIMIT to LIMIT for which a predicate holds that holds for all above; LIMIT + 1 if there is none. */
const leastOf = (holds: (sum: number) => boolean): number => {
  let [low, high] = [-LIMIT, LIMIT + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
};

const { fround } = Math;

/**
 * A tail on integer sums as comparisons: [1 + top code, channels]. The code of a sum is the number of a channel's thresholds that the
 * sum exceeds, or the complement of the sum if codes fall with sums: the first row has the bits to be inverted. This is exact, since
 * every operation of a tail and its rounding keep the order of numbers or reverse it. Null for tails with more levels, or with
 * numbers that are not finite.
 */
export const thresholdsOf = (
  tail: Tail,
  channels: number,
  { constant, factor }: IntegerSums,
): Int32Array | null => {
  const top = codesOf(tail.activation)?.top;
  if (top === undefined || top > MOST_THRESHOLDS) return null;
  const finish = tailFunction(tail);
  const valueBefore = tailFunction({ ...tail, activation: { kind: "identity" } });
  const thresholds = new Int32Array((1 + top) * channels);
  for (let channel = 0; channel < channels; channel++) {
    const own = (sum: number): number => fround((factor[channel] as number) * fround(sum));
    const ends = [-LIMIT, LIMIT].map((sum) => valueBefore(own(sum), channel));
    if (!ends.every(Number.isFinite)) return null;
    const falls = (ends[0] as number) > (ends[1] as number);
    thresholds[channel] = falls ? -1 : 0;
    const added = constant?.[channel] ?? 0;
    for (let code = 1; code <= top; code++) {
      const least = leastOf((sum) => finish(own(falls ? -1 - sum : sum), channel) >= code);
      const bound = least - 1 + (falls ? added : -added);
      thresholds[code * channels + channel] = Math.max(
        -MOST_INTEGER,
        Math.min(MOST_INTEGER, bound),
      );
    }
  }
  return thresholds;
};
