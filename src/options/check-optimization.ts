import { usageError } from "../base/errors.js";
import { option } from "../base/option-reference.js";
import type { ScheduleKind } from "../train/schedules/create-schedule.js";

/** The options that are checked together. */
export interface OptimizationFlags {
  readonly optimizer: string;
  readonly schedule: ScheduleKind;
  readonly warmup: number;
  readonly epochs: number;
}

/**
 * Refuses options of an optimizer or schedule that is not chosen, and a warm-up that is not shorter than the run.
 * @throws QpruneError (usage)
 */
export const checkOptimization = (
  { optimizer, schedule, warmup, epochs }: OptimizationFlags,
  given: ReadonlySet<string>,
): void => {
  if (given.has("momentum") && optimizer !== "sgd") {
    throw usageError(
      `${option("momentum")} is an option of SGD, but ${option("optimizer")} is ${optimizer}.`,
      `Add ${option("optimizer")} sgd, or omit ${option("momentum")}.`,
    );
  }
  if (given.has("lr_drops") && schedule !== "steps") {
    throw usageError(
      `${option("lr_drops")} sets the drops of the schedule steps, but ${option("schedule")} is ${schedule}.`,
      `Omit one of them.`,
    );
  }
  if (warmup > 0 && warmup >= epochs) {
    throw usageError(
      `${option("warmup")} is ${warmup}, but the run has ${epochs} epoch${epochs === 1 ? "" : "s"}.`,
      "Choose a warm-up that is shorter than the run; fractions of an epoch are allowed.",
    );
  }
};
