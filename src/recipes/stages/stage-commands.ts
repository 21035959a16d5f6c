import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { checkOptimization, type OptimizationFlags } from "../../options/check-optimization.js";
import { compareOptions } from "../../options/commands/compare-options.js";
import { exportOptions } from "../../options/commands/export-options.js";
import { bnMergeOptions } from "../../options/commands/merge-options.js";
import { normalRegularPruneOptions } from "../../options/commands/prune-net-options.js";
import { pruneOptions } from "../../options/commands/prune-options.js";
import { ptqOptions } from "../../options/commands/ptq-options.js";
import { sensitivityOptions } from "../../options/commands/sensitivity-options.js";
import { wbwtabOptions } from "../../options/commands/wbwtab-options.js";
import { wqaqOptions } from "../../options/commands/wqaq-options.js";
import type { QuantizationFlags } from "../../options/groups/quantization-options.js";
import { resolveQuantization } from "../../options/resolve-quantization.js";
import { quantizingCommandOf, trainingCommandOf } from "../../options/training-command.js";
import { pretrainedWeights } from "../../workflows/training/checks/pretrained-weights.js";
import type { StageCommand } from "./stage-kind.js";

const checkTraining: StageCommand["check"] = (options, given) => {
  // The command's own schema parsed them.
  checkOptimization(options as unknown as OptimizationFlags, given);
  pretrainedWeights(options as unknown as Parameters<typeof pretrainedWeights>[0]);
  if (given.has("cfg") && given.has("width")) {
    throw usageError(
      `${option("cfg")} and ${option("width")} both set the widths.`,
      "Give only one of them.",
    );
  }
  if (given.has("refine") && (given.has("cfg") || given.has("width"))) {
    throw usageError(
      `the file of ${option("refine")} has its own widths.`,
      `Omit ${option("cfg")} and ${option("width")}.`,
    );
  }
};

const checkQuantized: StageCommand["check"] = (options, given) => {
  checkTraining(options, given);
  // The command's own schema parsed them.
  resolveQuantization(options as unknown as QuantizationFlags, given);
};

export const wqaq: StageCommand = { name: "wqaq", schema: wqaqOptions, check: checkQuantized };
export const wbwtab: StageCommand = {
  name: "wbwtab",
  schema: wbwtabOptions,
  check: checkQuantized,
};
export const prune: StageCommand = { name: "prune", schema: pruneOptions, check: checkTraining };
export const pruneChannels: StageCommand = {
  name: "normal-regular-prune",
  schema: normalRegularPruneOptions,
};
export const bnMerge: StageCommand = { name: "bn-merge", schema: bnMergeOptions };
export const ptq: StageCommand = { name: "ptq", schema: ptqOptions };
export const compare: StageCommand = { name: "compare", schema: compareOptions };
export const sensitivity: StageCommand = { name: "sensitivity", schema: sensitivityOptions };
export const exportNet: StageCommand = { name: "export", schema: exportOptions };

/** The quantizing command for the given option keys. */
export const quantizingCommand = (keys: ReadonlySet<string>): StageCommand =>
  quantizingCommandOf(keys) === "wbwtab" ? wbwtab : wqaq;

/** The training command for the given option keys. */
export const trainingCommand = (keys: ReadonlySet<string>): StageCommand =>
  trainingCommandOf(keys) === "prune" ? prune : quantizingCommand(keys);
