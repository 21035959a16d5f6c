import type { DataSet } from "../../data/data-set.js";
import type { CommandContext } from "../command.js";
import { barReporter } from "./bar-reporter.js";
import { jsonReporter } from "./json-reporter.js";
import type { Reporter } from "./reporter.js";
import { lineReporter } from "./text-reporter.js";
import type { TrainingOptions } from "../../workflows/training/training-call.js";

/** JSON where asked for, a bar on a terminal, else the original's lines. */
export const chooseReporter = (
  options: TrainingOptions,
  { train, validation }: DataSet,
  context: CommandContext,
): Reporter => {
  const { json, quiet, log_every: logEvery, epochs } = options;
  const chosenBy = validation ? "validation" : "test";
  if (json) return jsonReporter(context, quiet ? Number.POSITIVE_INFINITY : logEvery, chosenBy);
  if (context.stderr.isTTY && !quiet) {
    return barReporter(context, { trainImages: train.count, epochs, chosenBy });
  }
  return lineReporter(context, { logEvery, quiet, trainImages: train.count, chosenBy });
};
