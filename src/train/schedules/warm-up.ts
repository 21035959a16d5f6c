import type { RunLength, Schedule } from "./schedule.js";
import { stepsBefore } from "./schedule.js";

/**
 * Warms a schedule up: in its first W = `epochs` · stepsPerEpoch steps, the rate of step s (from 0) is multiplied by
 * (s + 1) / W (Goyal et al. 2017, "Accurate, Large Minibatch SGD", section 2.2).
 */
export const withWarmUp = (
  schedule: Schedule,
  epochs: number,
  length: Pick<RunLength, "stepsPerEpoch">,
): Schedule => {
  const steps = epochs * length.stepsPerEpoch;
  return (at) => {
    const done = stepsBefore(at, length) + 1;
    const rate = schedule(at);
    return done < steps ? (rate * done) / steps : rate;
  };
};
