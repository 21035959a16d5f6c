/**
 * `qprune`: what the command line does, as functions with options, events and results; and the parts that these are
 * made of. `qprune/web` is what runs in a page, `qprune/ops` the ops that training is made of.
 */

// From net to net: pruning, quantizing for good, merging.
export type { CodeCounts } from "./analysis/code-counts.js";
export { type LayerSummary, type NetSummary, summariseNet } from "./analysis/model-summary.js";
export { foldBatchNorms } from "./bnmerge/fold-batch-norms.js";
// Boxes around objects.
export {
  type CurvePoint,
  type DetectionResult,
  type DetectionScores,
  detectionScores,
  precisionRecallCurve,
} from "./boxes/average-precision.js";
export type { Box, FoundBox, LabeledBox } from "./boxes/box.js";
export { type SuppressionOptions, suppressOverlaps } from "./boxes/suppress-overlaps.js";
// Files of nets.
export { applyCheckpoint } from "./checkpoint/apply-checkpoint.js";
export {
  type Checkpoint,
  loadCheckpoint,
  saveCheckpoint,
  writeCheckpoint,
} from "./checkpoint/checkpoint.js";
export type { Manifest } from "./checkpoint/manifest.js";
export { readModel } from "./checkpoint/read-model.js";
export { modelState } from "./checkpoint/tensors/model-state.js";
export { netState } from "./checkpoint/tensors/net-state.js";
// Engine, data and training loop.
export { type Batch, type BatchLoader, createBatchLoader } from "./data/batches/batch-loader.js";
export type { DataSet, DataSetName, ImageSet } from "./data/data-set.js";
export { holdOut } from "./data/hold-out.js";
export type { ImageFolderOptions } from "./data/image-folders/image-folder-options.js";
export { loadDataSet } from "./data/load-data-set.js";
export { loadEngine } from "./engine/load-engine.js";
export {
  type LoadedAddon,
  loadRuntimeAddon,
  setUpRuntimeAddon,
} from "./engine/runtime-addon/runtime-addon.js";
// Out of qprune.
export { writeDenseNet } from "./export/dense-file.js";
export type { ExportNet } from "./export/export-net.js";
export { type ExportNetOptions, exportNetOf } from "./export/export-net.js";
export { type PackedNet, packNet, writePackedNet } from "./export/packed-file.js";
export { checkTfjsModel } from "./export/tfjs/model-files/check-tfjs-model.js";
export { readTfjsModel, type TfjsModel } from "./export/tfjs/model-files/read-tfjs-model.js";
export { type TfjsFiles, tfjsModel } from "./export/tfjs/model-files/tfjs-model.js";
export { encodeSafetensors } from "./formats/safetensors/encode-safetensors.js";
export { readSafetensors } from "./formats/safetensors/read-safetensors.js";
export { encodePth } from "./formats/torch/encode-pth.js";
export type { PthFile } from "./formats/torch/pth-file.js";
export { readPth } from "./formats/torch/read-pth.js";
export { graphCost } from "./graph/cost.js";
export type { Model, QuantizedTensor, WeightValue } from "./graph/model.js";
// In from other programs.
export type { ImportOptions } from "./import/imported-model.js";
// Nets as integers.
export type { IntegerPlan, IntegerStep } from "./integer/integer-plan.js";
export { planIntegers } from "./integer/plan-integers.js";
export { type IntegerRun, runIntegers } from "./integer/run-integers.js";
export { importModel } from "./library/import-model.js";
export type { ProgramContext } from "./library/program-context.js";
// What the command line does.
export {
  type AllocateOptions,
  type AugmentOptions,
  allocateBits,
  augmentImages,
  type CompareOptions,
  type ConvertOptions,
  compareModels,
  convertModel,
  type ExportOptions,
  exportModel,
  type MergeOptions,
  measureSensitivity,
  mergeModel,
  type PredictOptions,
  type PruneOptions,
  predictImages,
  pruneModel,
  type QuantizeOptions,
  quantizeTrained,
  type RecipeOptions,
  runRecipe,
  type SensitivityOptions,
  type SummarizeOptions,
  summarizeModel,
  type TrainOptions,
  trainModel,
} from "./library/workflows.js";
export { defaultWidths } from "./models/chains/descriptions/chain-from-description.js";
export { type GraphSpec, graphOf, type NetSpec, specOfModel } from "./models/net-spec.js";
export { bakeWeights } from "./passes/bake-weights.js";
export {
  type ConstantReport,
  type DroppedBecause,
  foldConstants,
} from "./prune/apply/fold-constants.js";
export { maskModel } from "./prune/apply/mask-model.js";
export { pruneWeights } from "./prune/apply/prune-weights.js";
export { prunedGraph } from "./prune/apply/pruned-graph.js";
export {
  type ChannelMap,
  type CoupledLayers,
  channelMap,
} from "./prune/channels/coupled-layers.js";
export { gammaGroups } from "./prune/channels/gamma-groups.js";
export {
  channelImportance,
  type ImportanceKind,
  type ImportanceOptions,
  importanceKinds,
} from "./prune/importance/importance.js";
export {
  createPlanner,
  makePlan,
  type PlannerOptions,
  type PlanOptions,
  type PruneShare,
} from "./prune/plan/make-plan.js";
export type { KeptChannels, LayerPlan, PrunePlan, PruneReason } from "./prune/plan/plan.js";
export { percentForCost, type Target, type TargetOptions } from "./prune/plan/target.js";
export type { RecipeEvent } from "./recipes/recipe-events.js";
export type { RecipeResult } from "./recipes/run-recipe.js";
export { evaluate } from "./train/evaluate.js";
export { type LossChangeOptions, lossChanges } from "./train/loss-changes.js";
export {
  createSchedule,
  type ScheduleChoice,
} from "./train/schedules/create-schedule.js";
export { learningRateAt } from "./train/schedules/learning-rate.js";
export type { Evaluation } from "./train/tasks/evaluation.js";
export { type TrainOutcome, trainNet } from "./train/train-net.js";
export {
  type EpochEvent,
  startingPosition,
  type TrainingPosition,
} from "./train/training-position.js";
export type {
  StepEvent,
  TrainHooks,
  TrainNetOptions,
} from "./train/training-run.js";
// What needs no Node.js as well.
export * from "./web.js";
export type { AugmentResult } from "./workflows/augmenting/augment-images.js";
export type { CompareResult } from "./workflows/comparing/compare-models.js";
export type { ConvertResult } from "./workflows/converting/convert-model.js";
export type { WorkflowEvent } from "./workflows/events.js";
export type { ExportResult } from "./workflows/exporting/export-model.js";
export type { MergeResult } from "./workflows/merging/merge-result.js";
export type { PredictResult } from "./workflows/predicting/predict-images.js";
export type { PruningResult } from "./workflows/pruning/pruning-result.js";
export type { SensitivityResult } from "./workflows/sensitivity/measure-sensitivity.js";
export type { SummaryResult } from "./workflows/summarizing/summarize-model.js";
export type { TrainResult } from "./workflows/training/train-model.js";
