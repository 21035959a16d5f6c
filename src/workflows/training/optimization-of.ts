import type { BatchLoader } from "../../data/batches/batch-loader.js";
import { crossEntropy } from "../../train/losses/cross-entropy.js";
import type { Loss } from "../../train/losses/loss.js";
import { softTargetLoss } from "../../train/losses/soft-targets.js";
import { createSchedule } from "../../train/schedules/create-schedule.js";
import type { RunLength } from "../../train/schedules/schedule.js";
import type { TrainNetOptions } from "../../train/training-run.js";
import type { TrainingCall, TrainingOptions } from "./training-call.js";

/** The length of a run over the batches of a loader. */
const lengthOf = (
  { epochs, accumulate }: Pick<TrainingOptions, "epochs" | "accumulate">,
  { batchesPerEpoch }: Pick<BatchLoader, "batchesPerEpoch">,
): RunLength => ({ epochs, stepsPerEpoch: Math.ceil(batchesPerEpoch / accumulate) });

const lossOf = ({ label_smoothing: smoothing }: Pick<TrainingOptions, "label_smoothing">): Loss =>
  smoothing === 0 ? crossEntropy : softTargetLoss(smoothing);

/** How a run optimizes its net. */
export const optimizationOf = (
  { options, sparsityLambda }: TrainingCall,
  loader: Pick<BatchLoader, "batchesPerEpoch">,
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
  loss: lossOf(options),
  accumulate: options.accumulate,
  clipNorm: options.grad_clip,
  averageDecay: options.ema,
  sparsityLambda,
});
