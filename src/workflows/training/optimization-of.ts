import type { BatchLoader } from "../../data/batches/batch-loader.js";
import type { Graph } from "../../graph/graph.js";
import { gammaGroups } from "../../prune/channels/gamma-groups.js";
import { distillationLoss } from "../../train/losses/distillation.js";
import type { Loss } from "../../train/losses/loss.js";
import { softTargetLoss } from "../../train/losses/soft-targets.js";
import { createSchedule } from "../../train/schedules/create-schedule.js";
import type { RunLength, Schedule } from "../../train/schedules/schedule.js";
import { taskOf } from "../../train/tasks/task-of.js";
import type { TrainNetOptions } from "../../train/training-run.js";
import type { Run } from "./run.js";
import type { Teacher } from "./teacher.js";
import type { TrainingCall, TrainingOptions } from "./training-call.js";

/** The length of a run over the batches of a loader. */
const lengthOf = (
  { epochs, accumulate }: Pick<TrainingOptions, "epochs" | "accumulate">,
  { batchesPerEpoch }: Pick<BatchLoader, "batchesPerEpoch">,
): RunLength => ({ epochs, stepsPerEpoch: Math.ceil(batchesPerEpoch / accumulate) });

const lossOf = (
  { label_smoothing: smoothing, mixup }: Pick<TrainingOptions, "label_smoothing" | "mixup">,
  graph: Graph,
): Loss =>
  smoothing === 0 && mixup === undefined ? taskOf(graph).loss : softTargetLoss(smoothing);

const withTeacher = (
  base: Loss,
  {
    temperature,
    distill_weight: weight,
    hint_weight: hintWeight,
  }: Pick<TrainingOptions, "temperature" | "distill_weight" | "hint_weight">,
  teacher: Teacher | undefined,
): Loss =>
  teacher
    ? distillationLoss(base, { teach: teacher.teach, temperature, weight, hintWeight })
    : base;

/** What steps need besides options. */
interface StepParts {
  readonly teacher: Teacher | undefined;
  readonly graph: Graph;
}

/** How a run takes its steps, with its teacher if it has one. */
export const stepsOf = (
  { options, sparsityLambda }: TrainingCall,
  { teacher, graph }: StepParts,
): Pick<
  TrainNetOptions,
  "weightDecay" | "optimizer" | "loss" | "clipNorm" | "sparsityLambda" | "gammaGroups"
> => ({
  weightDecay: options.wd,
  optimizer: { kind: options.optimizer, momentum: options.momentum },
  loss: withTeacher(lossOf(options, graph), options, teacher),
  clipNorm: options.grad_clip,
  sparsityLambda,
  gammaGroups: sparsityLambda !== undefined && options.group_lasso ? gammaGroups(graph) : undefined,
});

/** @param scale the factor of the learning rate (Goyal et al. 2017, "Accurate, Large Minibatch SGD", section 2.1) */
const scheduleOf = (
  { lr, lr_drops: lrDropEpochs, schedule: kind, warmup: warmUpEpochs }: TrainingOptions,
  length: RunLength,
  scale: number,
): Schedule => {
  if (lr === "auto") throw new Error("the learning rate is not chosen yet");
  return createSchedule({ kind, learningRate: lr * scale, lrDropEpochs, warmUpEpochs }, length);
};

/** How a run optimizes its net. Its learning rate must be chosen (see withFoundRate). */
export const optimizationOf = (
  { call, wholeBatch }: Pick<Run, "call" | "wholeBatch">,
  loader: Pick<BatchLoader, "batchesPerEpoch">,
  parts: StepParts,
): ReturnType<typeof stepsOf> &
  Pick<TrainNetOptions, "epochs" | "schedule" | "accumulate" | "averageDecay"> => {
  const { options } = call;
  const scale = options.scale_lr ? wholeBatch / options.train_batch_size : 1;
  return {
    ...stepsOf(call, parts),
    epochs: options.epochs,
    schedule: scheduleOf(options, lengthOf(options, loader), scale),
    accumulate: options.accumulate,
    averageDecay: options.ema,
  };
};
