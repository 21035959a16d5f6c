/** An axis that ends a little beyond its smallest and largest value, whatever round numbers are near. */
export interface ChartScale {
  readonly domain: readonly [number, number];
  readonly isLog: boolean;
  /** Where a value lies, from 0 to 1. */
  readonly place: (value: number) => number;
  /** Values with a tick, where the chart does not choose them itself. */
  readonly ticks: readonly number[] | undefined;
}

/** Values that differ more than this lie too close together on a plain axis. */
const LOG_RATIO = 8;
/** From this ratio on only powers of ten have ticks. */
const TENS_RATIO = 300;
/** The share of an axis that is free at both ends. */
const ROOM = 0.1;
/** The share of a value that an axis of this only value shows on both sides. */
const AROUND = 0.05;

const logTicks = (low: number, high: number): number[] => {
  const steps = high / low > TENS_RATIO ? [1] : [1, 2, 5];
  const from = Math.floor(Math.log10(low));
  const decades = Array.from({ length: Math.ceil(Math.log10(high)) - from + 1 }, (_, at) => at);
  return decades
    .flatMap((decade) => steps.map((step) => step * 10 ** (from + decade)))
    .filter((tick) => tick >= low && tick <= high);
};

/** The axis of values: logarithmic where it may be and they differ much. */
export const chartScale = (
  values: readonly number[],
  { mayBeLog }: { readonly mayBeLog: boolean },
): ChartScale => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isLog = mayBeLog && least > 0 && most > LOG_RATIO * least;
  const [shape, back] = isLog ? [Math.log, Math.exp] : [Number, Number];
  const span = shape(most) - shape(least) || AROUND * Math.abs(most) || 1;
  const [low, high] = [shape(least) - ROOM * span, shape(most) + ROOM * span];
  const domain = [back(low), back(high)] as const;
  return {
    domain,
    isLog,
    place: (value) => (shape(value) - low) / (high - low),
    ticks: isLog ? logTicks(...domain) : undefined,
  };
};
