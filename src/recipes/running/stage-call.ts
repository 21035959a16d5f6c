import { join } from "node:path";
import type { z } from "zod";
import { firstProblem } from "../../base/first-problem.js";
import { compareOptions } from "../../options/commands/compare-options.js";
import { exportOptions } from "../../options/commands/export-options.js";
import { bnMergeOptions } from "../../options/commands/merge-options.js";
import { normalRegularPruneOptions } from "../../options/commands/prune-net-options.js";
import { pruneOptions } from "../../options/commands/prune-options.js";
import { ptqOptions } from "../../options/commands/ptq-options.js";
import { sensitivityOptions } from "../../options/commands/sensitivity-options.js";
import { wbwtabOptions } from "../../options/commands/wbwtab-options.js";
import { wqaqOptions } from "../../options/commands/wqaq-options.js";
import type { Call } from "../../workflows/call.js";
import type { CompareCall } from "../../workflows/comparing/compare-call.js";
import { type CompareResult, compareModels } from "../../workflows/comparing/compare-models.js";
import type { WorkflowContext } from "../../workflows/context.js";
import type { ExportCall } from "../../workflows/exporting/export-call.js";
import { type ExportResult, exportModel } from "../../workflows/exporting/export-model.js";
import type { MergeCall } from "../../workflows/merging/merge-call.js";
import { mergeModel } from "../../workflows/merging/merge-model.js";
import type { MergeResult } from "../../workflows/merging/merge-result.js";
import { pruneModel } from "../../workflows/pruning/prune-model.js";
import { type PruningCall, regularPruning } from "../../workflows/pruning/pruning-call.js";
import type { PruningResult } from "../../workflows/pruning/pruning-result.js";
import type { PtqCall } from "../../workflows/quantizing/ptq-call.js";
import { type PtqResult, quantizeTrained } from "../../workflows/quantizing/quantize-trained.js";
import {
  measureSensitivity,
  type SensitivityResult,
} from "../../workflows/sensitivity/measure-sensitivity.js";
import type { SensitivityCall } from "../../workflows/sensitivity/sensitivity-call.js";
import { type TrainResult, trainModel } from "../../workflows/training/train-model.js";
import {
  binaryTraining,
  doReFaTraining,
  floatTraining,
  type TrainingCall,
} from "../../workflows/training/training-call.js";
import type { Recipe, Stage } from "../stages/stage.js";
import { stageArgv } from "./stage-argv.js";
import { inputPath } from "./stage-parts.js";

/** The workflow that a stage runs, with its options. */
export type StageCall =
  | { readonly kind: "train"; readonly call: TrainingCall }
  | { readonly kind: "prune"; readonly call: PruningCall }
  | { readonly kind: "merge"; readonly call: MergeCall }
  | { readonly kind: "ptq"; readonly call: PtqCall }
  | { readonly kind: "export"; readonly call: ExportCall }
  | { readonly kind: "sensitivity"; readonly call: SensitivityCall }
  | { readonly kind: "compare"; readonly call: CompareCall };

/** The results of workflows by the kind of their stages. */
export interface StageResults {
  readonly train: TrainResult;
  readonly prune: PruningResult;
  readonly merge: MergeResult;
  readonly ptq: PtqResult;
  readonly export: ExportResult;
  readonly sensitivity: SensitivityResult;
  readonly compare: CompareResult;
}

export interface StageResultOf<K extends keyof StageResults> {
  readonly kind: K;
  readonly result: StageResults[K];
}

/** The result of the workflow of a stage. */
export type StageResult = { [K in keyof StageResults]: StageResultOf<K> }[keyof StageResults];

/** How to run a stage, apart from its options. */
export interface StageMode {
  /** Whether training resumes if there is a training state. */
  readonly resumes: boolean;
  /** Whether an export replaces its own earlier output. */
  readonly replaces: boolean;
}

/** The options of a stage as input for its schema, with paths in place of stage names. */
const rawOptions = (
  { given, inputs, outputs, options }: Stage,
  recipe: Recipe,
  { resumes, replaces }: StageMode,
): Record<string, unknown> => {
  const raw: Record<string, unknown> = { ...given };
  for (const input of inputs) {
    const path = inputPath(input, recipe);
    const isList = Array.isArray(options[input.key]);
    raw[input.key] = isList ? [...((raw[input.key] as string[] | undefined) ?? []), path] : path;
  }
  for (const { key, file } of outputs) raw[key] = join(recipe.folder, file);
  if (resumes) raw.resume = "auto";
  if (replaces) raw.force = true;
  return raw;
};

/** The workflow call of a stage. */
export const stageCall = (stage: Stage, recipe: Recipe, mode: StageMode): StageCall => {
  const raw = rawOptions(stage, recipe, mode);
  const argv = stageArgv(stage, recipe, mode);
  const read = <S extends z.ZodObject>(schema: S): Call<S> => {
    const parsed = schema.safeParse(raw);
    // The same schema already accepted the stage's options.
    if (!parsed.success) throw new Error(firstProblem(parsed.error, stage.name));
    return { options: parsed.data, given: new Set(Object.keys(raw)), argv };
  };
  switch (stage.command) {
    case "wqaq":
      return { kind: "train", call: doReFaTraining(read(wqaqOptions)) };
    case "wbwtab":
      return { kind: "train", call: binaryTraining(read(wbwtabOptions)) };
    case "prune":
      return { kind: "train", call: floatTraining(read(pruneOptions)) };
    case "normal-regular-prune":
      return { kind: "prune", call: regularPruning(read(normalRegularPruneOptions)) };
    case "bn-merge":
      return { kind: "merge", call: read(bnMergeOptions) };
    case "ptq":
      return { kind: "ptq", call: read(ptqOptions) };
    case "export":
      return { kind: "export", call: read(exportOptions) };
    case "sensitivity":
      return { kind: "sensitivity", call: read(sensitivityOptions) };
    case "compare":
      return { kind: "compare", call: read(compareOptions) };
  }
};

/** Runs the workflow of a stage. */
export const runStageCall = async (
  { kind, call }: StageCall,
  context: WorkflowContext,
): Promise<StageResult> => {
  switch (kind) {
    case "train":
      return { kind, result: await trainModel(call, context) };
    case "prune":
      return { kind, result: await pruneModel(call, context) };
    case "merge":
      return { kind, result: await mergeModel(call, context) };
    case "ptq":
      return { kind, result: await quantizeTrained(call, context) };
    case "export":
      return { kind, result: await exportModel(call, context) };
    case "sensitivity":
      return { kind, result: await measureSensitivity(call, context) };
    case "compare":
      return { kind, result: await compareModels(call, context) };
  }
};
