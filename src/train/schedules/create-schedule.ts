import { cosineSchedule } from "./cosine.js";
import { learningRateAt } from "./learning-rate.js";
import { oneCycleSchedule } from "./one-cycle.js";
import type { RunLength, Schedule } from "./schedule.js";
import { withWarmUp } from "./warm-up.js";

export const scheduleKinds = ["steps", "cosine", "one-cycle", "constant"] as const;
export type ScheduleKind = (typeof scheduleKinds)[number];

/** How the learning rate of a run changes. */
export interface ScheduleChoice {
  readonly kind: ScheduleKind;
  /** The highest rate. */
  readonly learningRate: number;
  /** For `steps`: epochs from which on the rate is multiplied by 0.1. */
  readonly lrDropEpochs: readonly number[];
  /** Epochs in which the rate rises, fractions included. */
  readonly warmUpEpochs: number;
}

/** Whether the rates of a schedule depend on the length of the run. */
export const spansRun = (kind: ScheduleKind): boolean => kind === "cosine" || kind === "one-cycle";

const withoutWarmUp = (
  { kind, learningRate, lrDropEpochs, warmUpEpochs }: ScheduleChoice,
  length: RunLength,
): Schedule => {
  switch (kind) {
    case "steps":
      return ({ epoch }) => learningRateAt(epoch, learningRate, lrDropEpochs);
    case "cosine":
      return cosineSchedule(learningRate, length, warmUpEpochs);
    case "one-cycle":
      return oneCycleSchedule(learningRate, length, warmUpEpochs);
    case "constant":
      return () => learningRate;
  }
};

export const createSchedule = (choice: ScheduleChoice, length: RunLength): Schedule => {
  const schedule = withoutWarmUp(choice, length);
  const { kind, warmUpEpochs } = choice;
  return kind === "one-cycle" || warmUpEpochs === 0
    ? schedule
    : withWarmUp(schedule, warmUpEpochs, length);
};
