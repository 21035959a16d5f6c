import type { NetSpec } from "../../models/net-spec.js";
import type { ScheduleKind } from "../../train/schedules/create-schedule.js";

/** The images that the best epoch is chosen by: the test images, or held-out training images. */
export type ChosenBy = "test" | "validation";

/** A run before its first step: net, data and schedule. */
export interface StartedRun {
  readonly spec: NetSpec;
  readonly trainImages: number;
  readonly chosenBy: ChosenBy;
  readonly epochs: number;
  /** `auto`: a test before the first step chooses it. */
  readonly learningRate: number | "auto";
  readonly schedule: ScheduleKind;
  /** Of the schedule `steps`. */
  readonly lrDropEpochs: readonly number[];
  /** Whether the caller set the epochs at which the learning rate drops. */
  readonly areDropsChosen: boolean;
}
