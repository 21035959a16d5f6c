import type { TrainingOptions } from "../../workflows/training/training-call.js";
import type { CommandContext } from "../command.js";
import { barReporter } from "./bar-reporter.js";
import { jsonReporter } from "./json-reporter.js";
import type { Reporter, ShownRun } from "./reporter.js";
import { lineReporter } from "./text-reporter.js";

/** JSON if asked for, a progress bar on a terminal, otherwise the lines of the reference scripts. */
export const chooseReporter = (
  { json, quiet, log_every: logEvery }: Pick<TrainingOptions, "json" | "quiet" | "log_every">,
  run: ShownRun,
  context: CommandContext,
): Reporter => {
  const { trainImages, chosenBy } = run;
  if (json) return jsonReporter(context, quiet ? Number.POSITIVE_INFINITY : logEvery, chosenBy);
  if (context.stderr.isTTY && !quiet) return barReporter(context, run);
  return lineReporter(context, { logEvery, quiet, trainImages, chosenBy });
};
