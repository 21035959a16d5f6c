import { QpruneError } from "../../base/errors.js";
import type { AffineRange, AffineScheme } from "../../quant/numbers/affine-grid.js";
import { entropyRange } from "./entropy-range.js";
import { createHistogram } from "./histogram.js";
import { leastErrorRange } from "./least-error-range.js";
import { percentileRange } from "./percentile-range.js";

/**
 * How the range of a value is chosen from what calibration shows of it:
 * - `minmax`: all that was seen
 * - `moving-average`: of the least and largest value of each batch, 1% new (PyTorch's MovingAverageMinMaxObserver)
 * - `percentile`: without the outermost values, half of them on each side if the range has two
 * - `mse`: with the least squared error of quantizing what was seen
 * - `entropy`: with the least Kullback-Leibler divergence (NVIDIA, Migacz 2017)
 */
export const observerKinds = ["minmax", "moving-average", "percentile", "mse", "entropy"] as const;
export type ObserverKind = (typeof observerKinds)[number];

/** What an observer is to choose a range for. */
export interface ObserverOptions extends AffineScheme {
  readonly kind: ObserverKind;
  /** Of the percentile observer: the percentage of values that the range keeps. */
  readonly percentile: number;
}

/** Sees batches of a value and chooses its range. */
export interface Observer {
  /**
   * Adds a batch: the range of all its values, and those of which a histogram is made, which may be a sample.
   * @throws QpruneError if the range is not finite.
   */
  readonly add: (range: AffineRange, values: Float32Array) => void;
  readonly range: () => AffineRange;
}

/** The weight of a new batch in the moving average. */
const NEW_WEIGHT = 0.01;

const checkFinite = ({ low, high }: AffineRange, what: string): void => {
  if (Number.isFinite(low) && Number.isFinite(high)) return;
  throw new QpruneError(`${what} is not finite for some calibration image.`, {
    hint: "The weights of the net may contain NaN or infinite values: use a file whose training did not diverge.",
  });
};

/** An observer of the value `what`. */
export const createObserver = (what: string, options: ObserverOptions): Observer => {
  let seen: AffineRange | undefined;
  let average: AffineRange | undefined;
  const { kind } = options;
  const histogram = kind === "minmax" || kind === "moving-average" ? null : createHistogram();
  const range = (): AffineRange => {
    if (!seen || !average) throw new Error(`${what} was never observed.`);
    switch (kind) {
      case "minmax":
        return seen;
      case "moving-average":
        return average;
      case "percentile":
        return histogram ? percentileRange(histogram, seen, options.percentile) : seen;
      case "mse":
        return histogram ? leastErrorRange(histogram, seen, options) : seen;
      case "entropy":
        return histogram ? entropyRange(histogram, seen, options) : seen;
    }
  };
  return {
    range,
    add: (own, values) => {
      checkFinite(own, what);
      seen = seen ? { low: Math.min(seen.low, own.low), high: Math.max(seen.high, own.high) } : own;
      average = average
        ? {
            low: average.low + NEW_WEIGHT * (own.low - average.low),
            high: average.high + NEW_WEIGHT * (own.high - average.high),
          }
        : own;
      histogram?.add(values);
    },
  };
};
