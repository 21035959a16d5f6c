/** The numbers of each filter of a kernel [out, …]. */
export interface Filters {
  readonly values: Float32Array;
  /** The number of filters. */
  readonly count: number;
}

/** A number for each filter, from its weights. */
const perFilter = (
  { values, count }: Filters,
  score: (weights: Float32Array) => number,
): Float64Array => {
  const size = values.length / count;
  return Float64Array.from({ length: count }, (_, filter) =>
    score(values.subarray(filter * size, (filter + 1) * size)),
  );
};

// Loops over indices: an iterator takes four times as long, and a net has millions of weights.
const sumOfMagnitudes = (weights: Float32Array): number => {
  let sum = 0;
  for (let index = 0; index < weights.length; index++) sum += Math.abs(weights[index] as number);
  return sum;
};

const sumOfSquares = (weights: Float32Array): number => {
  let sum = 0;
  for (let index = 0; index < weights.length; index++)
    sum += (weights[index] as number) * (weights[index] as number);
  return sum;
};

/** The norm of each filter. Example: filters [3, -4] and [0, 2] have l2 norms 5 and 2. */
export const filterNorms = (filters: Filters, kind: "l1" | "l2"): Float64Array =>
  perFilter(
    filters,
    kind === "l1" ? sumOfMagnitudes : (weights) => Math.sqrt(sumOfSquares(weights)),
  );

const distance = (one: Float32Array, other: Float32Array): number => {
  let sum = 0;
  for (let index = 0; index < one.length; index++) {
    const difference = (one[index] as number) - (other[index] as number);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
};

/**
 * The sum of each filter's distances from all others of its layer: a filter near the geometric median is replaced by the
 * others most easily (FPGM, He et al. 2019, eq. 4).
 * Example: filters [0], [1] and [5] have 6, 5 and 9.
 */
export const medianDistances = ({ values, count }: Filters): Float64Array => {
  const size = values.length / count;
  const filter = (index: number): Float32Array => values.subarray(index * size, (index + 1) * size);
  const sums = new Float64Array(count);
  for (let one = 0; one < count; one++) {
    for (let other = one + 1; other < count; other++) {
      const between = distance(filter(one), filter(other));
      sums[one] = (sums[one] as number) + between;
      sums[other] = (sums[other] as number) + between;
    }
  }
  return sums;
};

/** Scores divided by their mean, so that layers of different scale can be ranked together. */
export const byTheirMean = (scores: Float64Array): Float64Array => {
  const mean = scores.reduce((sum, value) => sum + value, 0) / scores.length;
  return mean === 0 ? scores : scores.map((value) => value / mean);
};
