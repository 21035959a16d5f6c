import { usageError } from "../base/errors.js";
import { option } from "../base/option-reference.js";
import type { ScheduleKind } from "../train/schedules/create-schedule.js";

/** The options that are checked together. */
export interface OptimizationFlags {
  readonly optimizer: string;
  readonly schedule: ScheduleKind;
  readonly warmup: number;
  readonly epochs: number;
  readonly teacher?: string | undefined;
}

/**
 * Refuses options of an optimizer, a schedule or a teacher that is not chosen, and a warm-up that is not shorter than the run.
 * @throws QpruneError (usage)
 */
export const checkOptimization = (
  { optimizer, schedule, warmup, epochs, teacher }: OptimizationFlags,
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
  const taught = ["temperature", "distill_weight", "hints", "hint_weight"].find((key) =>
    given.has(key),
  );
  if (taught && teacher === undefined) {
    throw usageError(
      `${option(taught)} is for distillation, which needs a teacher.`,
      `Add ${option("teacher")} with the file of a trained net, or omit ${option(taught)}.`,
    );
  }
};
