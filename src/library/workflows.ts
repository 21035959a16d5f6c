import { allocateOptions } from "../options/commands/allocate-options.js";
import { augmentOptions } from "../options/commands/augment-options.js";
import { compareOptions } from "../options/commands/compare-options.js";
import { convertOptions } from "../options/commands/convert-options.js";
import { exportOptions } from "../options/commands/export-options.js";
import { bnMergeOptions } from "../options/commands/merge-options.js";
import { predictOptions } from "../options/commands/predict-options.js";
import {
  gcPruneOptions,
  normalRegularPruneOptions,
} from "../options/commands/prune-net-options.js";
import { pruneOptions } from "../options/commands/prune-options.js";
import { ptqOptions } from "../options/commands/ptq-options.js";
import { runOptions } from "../options/commands/run-options.js";
import { sensitivityOptions } from "../options/commands/sensitivity-options.js";
import { summaryOptions } from "../options/commands/summary-options.js";
import { wbwtabOptions } from "../options/commands/wbwtab-options.js";
import { wqaqOptions } from "../options/commands/wqaq-options.js";
import { trainingCommandOf } from "../options/training-command.js";
import type { RecipeEvent } from "../recipes/recipe-events.js";
import type { RecipeResult } from "../recipes/run-recipe.js";
import type { AllocateResult } from "../workflows/allocating/allocate-bits.js";
import type { AugmentResult } from "../workflows/augmenting/augment-images.js";
import type { CompareResult } from "../workflows/comparing/compare-models.js";
import type { ConvertResult } from "../workflows/converting/convert-model.js";
import type { WorkflowEvent } from "../workflows/events.js";
import type { ExportResult } from "../workflows/exporting/export-model.js";
import type { MergeResult } from "../workflows/merging/merge-result.js";
import type { PredictResult } from "../workflows/predicting/predict-images.js";
import type { PruningResult } from "../workflows/pruning/pruning-result.js";
import type { PtqResult } from "../workflows/quantizing/quantize-trained.js";
import type { SensitivityResult } from "../workflows/sensitivity/measure-sensitivity.js";
import type { SummaryResult } from "../workflows/summarizing/summarize-model.js";
import type { TrainResult } from "../workflows/training/train-model.js";
import { type ProgramContext, processContext } from "./program-context.js";
import { type ProgramOptions, programCall } from "./program-options.js";

/** Options of {@link trainModel}: those of `qprune prune`, `wqaq` and `wbwtab`. */
export type TrainOptions = ProgramOptions<typeof wqaqOptions> & ProgramOptions<typeof pruneOptions>;
/** Options of {@link pruneModel}: those of `qprune normal-regular-prune` and `gc-prune`. */
export type PruneOptions = ProgramOptions<typeof normalRegularPruneOptions> & {
  /** Whether grouped convolutions are expected, as `qprune gc-prune` does. */
  readonly isGrouped?: boolean | undefined;
};
export type MergeOptions = ProgramOptions<typeof bnMergeOptions>;
export type ExportOptions = ProgramOptions<typeof exportOptions, "file">;
export type CompareOptions = ProgramOptions<typeof compareOptions, "files">;
export type ConvertOptions = ProgramOptions<typeof convertOptions, "in" | "out">;
export type PredictOptions = ProgramOptions<typeof predictOptions, "file" | "images">;
export type AugmentOptions = ProgramOptions<typeof augmentOptions, "data">;
export type SensitivityOptions = ProgramOptions<typeof sensitivityOptions, "file">;
export type SummarizeOptions = ProgramOptions<typeof summaryOptions, "file">;
export type QuantizeOptions = ProgramOptions<typeof ptqOptions, "file">;
export type AllocateOptions = ProgramOptions<typeof allocateOptions, "file">;
export type RecipeOptions = ProgramOptions<typeof runOptions, "recipe">;

type Context = ProgramContext<WorkflowEvent>;

/**
 * Trains or tests a net. Without `W`, `A`, `Wbits` and `Abits` it trains in float: from scratch, sparsely before pruning
 * (`sparsityRegularization`), or starting from a pruned net (`refine`). With them it trains quantized: DoReFa with
 * `Wbits` and `Abits`, binary or ternary with `W` and `A`. Options and defaults are those of the command line.
 *
 * Writes the best model, its training history, and the training state from which an interrupted run resumes exactly.
 *
 * @example
 * const { file } = await trainModel({ dataset: "digits", arch: "nin", width: 0.25, epochs: 2, Wbits: 4, Abits: 4 });
 *
 * @throws QpruneError if options, files and data do not fit together, and if the run fails.
 */
export const trainModel = async (
  options: TrainOptions,
  context: Context = {},
): Promise<TrainResult> => {
  const { trainModel: train } = await import("../workflows/training/train-model.js");
  const { binaryTraining, doReFaTraining, floatTraining } = await import(
    "../workflows/training/training-call.js"
  );
  const given = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  const command = trainingCommandOf(new Set(given));
  const processWorld = processContext(context);
  switch (command) {
    case "wqaq":
      return train(doReFaTraining(programCall(command, wqaqOptions, options)), processWorld);
    case "wbwtab":
      return train(binaryTraining(programCall(command, wbwtabOptions, options)), processWorld);
    case "prune":
      return train(floatTraining(programCall(command, pruneOptions, options)), processWorld);
  }
};

/**
 * Prunes the channels of a trained net by the gammas of its batch norms or by filter norms, and writes the smaller net.
 *
 * @example
 * const { before, after } = await pruneModel({ model: "sparse.safetensors", percent: 0.5, normalRegular: 8 });
 *
 * @throws QpruneError if options do not fit the net, or a file cannot be read or written.
 */
export const pruneModel = async (
  { isGrouped = false, ...options }: PruneOptions,
  context: Context = {},
): Promise<PruningResult> => {
  const { pruneModel: prune } = await import("../workflows/pruning/prune-model.js");
  const { groupedPruning, regularPruning } = await import("../workflows/pruning/pruning-call.js");
  const call = isGrouped
    ? groupedPruning(programCall("gc-prune", gcPruneOptions, options))
    : regularPruning(programCall("normal-regular-prune", normalRegularPruneOptions, options));
  return prune(call, processContext(context));
};

/**
 * Folds the batch norms of a trained net into its convolutions, compares the net before and after, and writes both.
 *
 * @example
 * const { agreement } = await mergeModel({ model: "quantized.safetensors", save: "merged.safetensors" });
 *
 * @throws QpruneError if a file cannot be read or written, or options contradict the file.
 */
export const mergeModel = async (
  options: MergeOptions,
  context: Context = {},
): Promise<MergeResult> => {
  const { mergeModel: merge } = await import("../workflows/merging/merge-model.js");
  return merge(programCall("bn-merge", bnMergeOptions, options), processContext(context));
};

/**
 * Writes a net for deployment: bit-packed, in float32, as a graph model for TensorFlow.js, or as an ONNX model.
 *
 * @example
 * const { written } = await exportModel({ file: "merged.safetensors", format: "packed", save: "small.safetensors" });
 *
 * @throws QpruneError if the format does not support the net, or a file cannot be read, written or verified.
 */
export const exportModel = async (
  options: ExportOptions,
  context: Context = {},
): Promise<ExportResult> => {
  const { exportModel: write } = await import("../workflows/exporting/export-model.js");
  return write(programCall("export", exportOptions, options), processContext(context));
};

/**
 * Compares nets: accuracy, agreement, size, operations, memory, speed. The first net is the baseline.
 *
 * @example
 * const { comparison } = await compareModels({ files: ["float.safetensors", "small.safetensors"] });
 *
 * @throws QpruneError if a file cannot be read or written, or the nets have different classes or images.
 */
export const compareModels = async (
  options: CompareOptions,
  context: Context = {},
): Promise<CompareResult> => {
  const { compareModels: compare } = await import("../workflows/comparing/compare-models.js");
  return compare(programCall("compare", compareOptions, options), processContext(context));
};

/**
 * Converts a model file between safetensors and PyTorch's .pth, or an ONNX model to one of these.
 *
 * @example
 * const { bytes } = await convertModel({ in: "nin.safetensors", out: "nin.pth" });
 *
 * @throws QpruneError if a file cannot be read or written.
 */
export const convertModel = async (
  options: ConvertOptions,
  context: Context = {},
): Promise<ConvertResult> => {
  const { convertModel: convert } = await import("../workflows/converting/convert-model.js");
  return convert(programCall("convert", convertOptions, options), processContext(context));
};

/**
 * Classifies images with the net of a file. Images that cannot be read are listed in the result.
 *
 * @example
 * const { predicted } = await predictImages({ file: "nin.safetensors", images: ["cat.jpg"], top: 3 });
 *
 * @throws QpruneError if the file cannot be read.
 */
export const predictImages = async (
  options: PredictOptions,
  context: Context = {},
): Promise<PredictResult> => {
  const { predictImages: predict } = await import("../workflows/predicting/predict-images.js");
  return predict(programCall("predict", predictOptions, options), processContext(context));
};

/**
 * Writes an HTML page with training images as nets see them in their first epochs. Needs no engine.
 *
 * @example
 * await augmentImages({ data: "photos", randAugment: [2, 9], cutout: 16, html: "augmentation.html" });
 *
 * @throws QpruneError (usage) if there are no images, or the page cannot be written.
 */
export const augmentImages = async (
  options: AugmentOptions,
  context: Context = {},
): Promise<AugmentResult> => {
  const { augmentImages: augment } = await import("../workflows/augmenting/augment-images.js");
  return augment(programCall("augment", augmentOptions, options), processContext(context));
};

/**
 * Summarizes the net of a file: layers, parameters, operations, bits, dead channels. Needs no engine.
 *
 * @example
 * const { summary } = await summarizeModel({ file: "nin.safetensors" });
 *
 * @throws QpruneError if the file cannot be read.
 */
export const summarizeModel = async (options: SummarizeOptions): Promise<SummaryResult> => {
  const { summarizeModel: summarize } = await import("../workflows/summarizing/summarize-model.js");
  return summarize(programCall("summary", summaryOptions, options));
};

/**
 * Measures how accuracy and loss react if single layers are pruned or rounded, on held-out training images.
 *
 * @example
 * const { sensitivity } = await measureSensitivity({ file: "resnet20.safetensors", shares: [0.5], roundBits: [4] });
 *
 * @throws QpruneError if the file or the images cannot be read, or the channels of the net cannot be pruned.
 */
export const measureSensitivity = async (
  options: SensitivityOptions,
  context: Context = {},
): Promise<SensitivityResult> => {
  const { measureSensitivity: measure } = await import(
    "../workflows/sensitivity/measure-sensitivity.js"
  );
  return measure(programCall("sensitivity", sensitivityOptions, options), processContext(context));
};

/**
 * Quantizes a trained net to 2 to 8 bits without training, with images to calibrate on, and writes the merged net.
 *
 * @example
 * const { layers, tests } = await quantizeTrained({ file: "resnet20.safetensors", wbits: 4, save: "w4a8.safetensors" });
 *
 * @throws QpruneError if the file or the images cannot be read, or the net is quantized already.
 */
export const quantizeTrained = async (
  options: QuantizeOptions,
  context: Context = {},
): Promise<PtqResult> => {
  const { quantizeTrained: quantize } = await import("../workflows/quantizing/quantize-trained.js");
  return quantize(programCall("ptq", ptqOptions, options), processContext(context));
};

/**
 * Distributes bits over the layers of a net by what rounding each of them costs, and writes them for `layerBits`.
 *
 * @example
 * const { allocation } = await allocateBits({ file: "resnet20.safetensors", targetBytes: 140_000 });
 *
 * @throws QpruneError if the file or the images cannot be read, or the target cannot be reached.
 */
export const allocateBits = async (
  options: AllocateOptions,
  context: Context = {},
): Promise<AllocateResult> => {
  const { allocateBits: allocate } = await import("../workflows/allocating/allocate-bits.js");
  return allocate(programCall("allocate", allocateOptions, options), processContext(context));
};

/**
 * Runs a recipe, a chain of stages in a YAML file; only what changed runs again.
 *
 * @example
 * const result = await runRecipe({ recipe: "quick-digits", folder: "out", set: ["epochs=1"] });
 *
 * @throws QpruneError that lists all problems of the recipe, or names the stage that failed.
 */
export const runRecipe = async (
  options: RecipeOptions,
  context: ProgramContext<RecipeEvent> = {},
): Promise<RecipeResult> => {
  const { runRecipe: run } = await import("../recipes/run-recipe.js");
  return run(programCall("run", runOptions, options), processContext(context));
};
