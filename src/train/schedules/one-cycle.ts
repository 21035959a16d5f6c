import type { RunLength, Schedule } from "./schedule.js";
import { stepsBefore } from "./schedule.js";

/** The first rate is the highest one divided by this, and the last rate the first one divided by LAST_DIVISOR. */
const FIRST_DIVISOR = 25;
const LAST_DIVISOR = 1e4;
/** The share of a run in which the rate rises, unless the warm-up sets it. */
const RISING_SHARE = 0.3;

/** Half a cosine from one value to another, for a share from 0 to 1. */
const between = (from: number, to: number, share: number): number =>
  to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));

/**
 * One cycle: half a cosine up from highest / 25, then half a cosine down to highest / 250,000, per step (Smith & Topin
 * 2018, "Super-Convergence"). The rates are those of PyTorch's OneCycleLR with its defaults: with T steps, the highest one
 * is at step 0.3 T - 1 (from 0), and the lowest at T - 1.
 *
 * @param risingEpochs epochs until the highest rate; 0: 30 % of the run
 */
export const oneCycleSchedule = (
  highest: number,
  { epochs, stepsPerEpoch }: RunLength,
  risingEpochs: number,
): Schedule => {
  const steps = epochs * stepsPerEpoch;
  const rising = risingEpochs === 0 ? RISING_SHARE * steps : risingEpochs * stepsPerEpoch;
  const [peak, end] = [Math.max(rising - 1, 0), steps - 1];
  const first = highest / FIRST_DIVISOR;
  return (at) => {
    const step = stepsBefore(at, { stepsPerEpoch });
    if (step < peak) return between(first, highest, step / peak);
    const share = end > peak ? Math.min((step - peak) / (end - peak), 1) : 1;
    return between(highest, first / LAST_DIVISOR, share);
  };
};
