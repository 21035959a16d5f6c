/** Bins on each side of 0. */
const SIDE_BINS = 2048;

/** Counts of values in equal bins around 0. */
export interface Histogram {
  /** Adds values; all have to be finite. */
  readonly add: (values: ArrayLike<number>) => void;
  /** The counts of 2 SIDE_BINS bins from -limit to limit. */
  readonly counts: Float64Array;
  readonly sideBins: number;
  /** A power of two times the first largest magnitude. */
  readonly limit: () => number;
}

/**
 * A histogram of equal bins over [-limit, limit], whose limit doubles, and whose bins join in pairs, when a larger value comes
 * (the rule of NVIDIA's calibration). 0 is in the first bin of the right side.
 */
export const createHistogram = (): Histogram => {
  const counts = new Float64Array(2 * SIDE_BINS);
  let limit = 0;
  const double = (): void => {
    const old = counts.slice();
    counts.fill(0);
    for (let bin = 0; bin < old.length; bin++) {
      const joined = SIDE_BINS + Math.floor((bin - SIDE_BINS) / 2);
      counts[joined] = (counts[joined] as number) + (old[bin] as number);
    }
    limit *= 2;
  };
  const largestOf = (values: ArrayLike<number>): number => {
    let largest = 0;
    for (let index = 0; index < values.length; index++) {
      const magnitude = Math.abs(values[index] as number);
      if (magnitude > largest) largest = magnitude;
    }
    return largest;
  };
  return {
    counts,
    sideBins: SIDE_BINS,
    limit: () => limit,
    add: (values) => {
      const largest = largestOf(values);
      if (limit === 0) limit = largest;
      while (largest > limit) double();
      // Only zeros so far: they stay in the middle, whatever the limit will be.
      const factor = limit === 0 ? 0 : SIDE_BINS / limit;
      const last = counts.length - 1;
      for (let index = 0; index < values.length; index++) {
        const bin = SIDE_BINS + Math.floor((values[index] as number) * factor);
        const at = Math.min(bin, last);
        counts[at] = (counts[at] as number) + 1;
      }
    },
  };
};
