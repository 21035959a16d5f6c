import type { RunLength, Schedule } from "./schedule.js";
import { stepsBefore } from "./schedule.js";

/**
 * Half a cosine from the start rate to 0 over a run of T steps, per step: step s (from 0) has
 * start (1 + cos(pi (s - W) / (T - W))) / 2 (Loshchilov & Hutter 2017, "SGDR", eq. 5, without restarts). The W steps of
 * the warm-up have the start rate.
 */
export const cosineSchedule = (
  start: number,
  { epochs, stepsPerEpoch }: RunLength,
  warmUpEpochs: number,
): Schedule => {
  const warmUp = warmUpEpochs * stepsPerEpoch;
  const steps = epochs * stepsPerEpoch - warmUp;
  return (at) => {
    const share = Math.max(0, stepsBefore(at, { stepsPerEpoch }) - warmUp) / steps;
    return (start * (1 + Math.cos(Math.PI * Math.min(share, 1)))) / 2;
  };
};
