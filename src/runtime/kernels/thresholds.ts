import { codesOf } from "../plan/code-format.js";
import type { Tail } from "../plan/plan.js";
import { tailFunction } from "../reference/tail.js";

/** More thresholds cost more than the operations that they replace. */
const MOST_THRESHOLDS = 3;
/** How integer sums become the values before a tail. */
interface IntegerSums {
  readonly constant: Int32Array | null;
  readonly factor: Float32Array;
  /** The largest magnitude of a sum with its constant, below 2^30. */
  readonly mostSum: () => number;
}

/** The least integer from `from` to `to` for which a predicate holds that holds for all above; to + 1 if there is none. */
const leastOf = (from: number, to: number, holds: (sum: number) => boolean): number => {
  let [low, high] = [from, to + 1];
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
  { constant, factor, mostSum }: IntegerSums,
): Int32Array | null => {
  const top = codesOf(tail.activation)?.top;
  if (top === undefined || top > MOST_THRESHOLDS) return null;
  const most = mostSum();
  const finish = tailFunction(tail);
  const valueBefore = tailFunction({ ...tail, activation: { kind: "identity" } });
  const thresholds = new Int32Array((1 + top) * channels);
  for (let channel = 0; channel < channels; channel++) {
    const own = (sum: number): number => fround((factor[channel] as number) * fround(sum));
    const ends = [-most, most].map((sum) => valueBefore(own(sum), channel));
    if (!ends.every(Number.isFinite)) return null;
    const falls = (ends[0] as number) > (ends[1] as number);
    thresholds[channel] = falls ? -1 : 0;
    const added = constant?.[channel] ?? 0;
    let least = -most - 1;
    for (let code = 1; code <= top; code++) {
      least = leastOf(least, most, (sum) => finish(own(falls ? -1 - sum : sum), channel) >= code);
      thresholds[code * channels + channel] = least - 1 + (falls ? added : -added);
    }
  }
  return thresholds;
};
