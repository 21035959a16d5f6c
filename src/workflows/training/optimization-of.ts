import type { BatchLoader } from "../../data/batches/batch-loader.js";
import { crossEntropy } from "../../train/losses/cross-entropy.js";
import { distillationLoss } from "../../train/losses/distillation.js";
import type { Loss } from "../../train/losses/loss.js";
import { softTargetLoss } from "../../train/losses/soft-targets.js";
import { createSchedule } from "../../train/schedules/create-schedule.js";
import type { RunLength } from "../../train/schedules/schedule.js";
import type { TrainNetOptions } from "../../train/training-run.js";
import type { Teacher } from "./teacher.js";
import type { TrainingCall, TrainingOptions } from "./training-call.js";

/** The length of a run over the batches of a loader. */
const lengthOf = (
  { epochs, accumulate }: Pick<TrainingOptions, "epochs" | "accumulate">,
  { batchesPerEpoch }: Pick<BatchLoader, "batchesPerEpoch">,
): RunLength => ({ epochs, stepsPerEpoch: Math.ceil(batchesPerEpoch / accumulate) });

const lossOf = ({
  label_smoothing: smoothing,
  mixup,
}: Pick<TrainingOptions, "label_smoothing" | "mixup">): Loss =>
  smoothing === 0 && mixup === undefined ? crossEntropy : softTargetLoss(smoothing);

const withTeacher = (
  base: Loss,
  { temperature, distill_weight: weight }: Pick<TrainingOptions, "temperature" | "distill_weight">,
  teacher: Teacher | undefined,
): Loss => (teacher ? distillationLoss(base, { teach: teacher.teach, temperature, weight }) : base);

/** How a run optimizes its net, with its teacher if it has one. */
export const optimizationOf = (
  { options, sparsityLambda }: TrainingCall,
  loader: Pick<BatchLoader, "batchesPerEpoch">,
  teacher: Teacher | undefined,
): Pick<
  TrainNetOptions,
  | "epochs"
  | "schedule"
  | "weightDecay"
  | "optimizer"
  | "loss"
  | "accumulate"
  | "clipNorm"
  | "averageDecay"
  | "sparsityLambda"
> => ({
  epochs: options.epochs,
  schedule: createSchedule(
    {
      kind: options.schedule,
      learningRate: options.lr,
      lrDropEpochs: options.lr_drops,
      warmUpEpochs: options.warmup,
    },
    lengthOf(options, loader),
  ),
  weightDecay: options.wd,
  optimizer: { kind: options.optimizer, momentum: options.momentum },
  loss: withTeacher(lossOf(options), options, teacher),
  accumulate: options.accumulate,
  clipNorm: options.grad_clip,
  averageDecay: options.ema,
  sparsityLambda,
});
