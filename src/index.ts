export type { CodeCounts } from "./analysis/code-counts.js";
export { type LayerSummary, type NetSummary, summariseNet } from "./analysis/summarise-net.js";
export { mergeNet } from "./bnmerge/merge-net.js";
export {
  applyCheckpoint,
  type Checkpoint,
  loadCheckpoint,
  saveCheckpoint,
  writeCheckpoint,
} from "./checkpoint/checkpoint.js";
export type { Manifest } from "./checkpoint/manifest.js";
export { netState } from "./checkpoint/net-state.js";
export { readNetWeights, weightsState } from "./checkpoint/net-weights.js";
export { type Batch, type BatchLoader, createBatchLoader } from "./data/batches/batch-loader.js";
export type { DataSet, DataSetInfo, DataSetName, ImageSet } from "./data/data-set.js";
export { holdOut } from "./data/hold-out.js";
export type { ImageFolderOptions } from "./data/image-folders/image-folder-options.js";
export { loadDataSet } from "./data/load-data-set.js";
export { loadEngine } from "./engine/load-engine.js";
export { writeDenseNet } from "./export/dense-file.js";
export type { ExportNet } from "./export/export-net.js";
export { type ExportNetOptions, exportNetOf } from "./export/export-net-of.js";
export { type PackedNet, packNet, writePackedNet } from "./export/packed-file.js";
export { checkTfjsModel } from "./export/tfjs/check-tfjs-model.js";
export { readTfjsModel, type TfjsModel } from "./export/tfjs/read-tfjs-model.js";
export { type TfjsFiles, tfjsModel } from "./export/tfjs/tfjs-model.js";
export { encodeSafetensors } from "./formats/safetensors/encode-safetensors.js";
export { readSafetensors } from "./formats/safetensors/read-safetensors.js";
export { encodePth } from "./formats/torch/encode-pth.js";
export { parsePth } from "./formats/torch/parse-pth.js";
export type { PthFile } from "./formats/torch/pth-file.js";
export { readPth } from "./formats/torch/read-pth.js";
export { bakeWeights } from "./models/bake-weights.js";
export type { ConvWeights, NetWeights } from "./models/conv-weights.js";
export { defaultWidths } from "./models/spec-from-description.js";
export { absorbBetas, type BetaReport, type DroppedBecause } from "./prune/absorb-betas.js";
export { channelImportance, type ImportanceKind, importanceKinds } from "./prune/importance.js";
export { makePlan, type PlanOptions, type PruneShare } from "./prune/make-plan.js";
export { maskWeights } from "./prune/mask-weights.js";
export type { LayerPlan, PrunePlan, PruneReason } from "./prune/plan.js";
export { smallerSpec } from "./prune/smaller-spec.js";
export { percentForMacs } from "./prune/target-macs.js";
export { transplant } from "./prune/transplant.js";
export { binaryWeightsGradient } from "./quant/tensors/binary-weights.js";
export { constrainWeights } from "./quant/tensors/constrain-weights.js";
export { doReFaWeightsGradient } from "./quant/tensors/dorefa-weights.js";
export {
  type TernaryGap,
  ternaryAlpha,
  ternaryCodes,
  ternaryThreshold,
} from "./quant/tensors/ternary-weights.js";
export { type Activation, activate, activateGradient } from "./tensor/ops/activation.js";
export { channelShuffle } from "./tensor/ops/channel-shuffle.js";
export {
  type ConvGeometry,
  conv2d,
  conv2dInputGradient,
  conv2dKernelGradient,
} from "./tensor/ops/conv2d.js";
export { type Adam, type AdamOptions, createAdam } from "./train/adam.js";
export { type Evaluation, evaluate } from "./train/evaluate.js";
export { type GammaPercentiles, gammaPercentiles } from "./train/gamma-percentiles.js";
export { learningRateAt } from "./train/learning-rate.js";
export { addSparsityGradient } from "./train/sparsity.js";
export {
  type StepEvent,
  type TrainHooks,
  type TrainOptions,
  type TrainOutcome,
  trainNet,
} from "./train/train-net.js";
export {
  type EpochEvent,
  startingPosition,
  type TrainingPosition,
} from "./train/training-position.js";
// What needs no Node.js as well.
export * from "./web.js";
