/** An axis that ends a little beyond its smallest and largest value instead of at round numbers. */
export interface ChartScale {
  readonly domain: readonly [number, number];
  readonly isLog: boolean;
  /** The position of a value on the axis, from 0 to 1. */
  readonly position: (value: number) => number;
  /** Values with a tick; undefined if the chart chooses them itself. */
  readonly ticks: readonly number[] | undefined;
}

/** Values with a larger ratio are too crowded on a linear axis. */
const LOG_RATIO = 8;
/** Above this ratio only powers of ten have ticks. */
const TENS_RATIO = 300;
/** The free share of an axis at both ends. */
const ROOM = 0.1;
/** The share of a value that its axis shows on both sides if it is the only value. */
const AROUND = 0.05;

const logTicks = (low: number, high: number): number[] => {
  const steps = high / low > TENS_RATIO ? [1] : [1, 2, 5];
  const from = Math.floor(Math.log10(low));
  const decades = Array.from(
    { length: Math.ceil(Math.log10(high)) - from + 1 },
    (_, decade) => decade,
  );
  return decades
    .flatMap((decade) => steps.map((step) => step * 10 ** (from + decade)))
    .filter((tick) => tick >= low && tick <= high);
};

/** The axis for some values: logarithmic if that is allowed and they differ much. */
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
    position: (value) => (shape(value) - low) / (high - low),
    ticks: isLog ? logTicks(...domain) : undefined,
  };
};
