/** A step of a run, for which a learning rate is asked. */
export interface SchedulePoint {
  /** From 1. */
  readonly epoch: number;
  /** Steps of the epoch before this one. */
  readonly stepOfEpoch: number;
}

/** The learning rate of each step of a run. */
export type Schedule = (at: SchedulePoint) => number;

/** The length of a run in steps. */
export interface RunLength {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
}

/** Steps before a point since the start of a run. */
export const stepsBefore = (
  { epoch, stepOfEpoch }: SchedulePoint,
  { stepsPerEpoch }: Pick<RunLength, "stepsPerEpoch">,
): number => (epoch - 1) * stepsPerEpoch + stepOfEpoch;
