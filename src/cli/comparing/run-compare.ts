import { jsonText } from "../../base/visible-text.js";
import type { Comparison } from "../../report/comparison/comparison.js";
import { comparisonJson } from "../../report/comparison/comparison-json.js";
import { comparisonText } from "../../report/comparison/comparison-text.js";
import type { CompareCall } from "../../workflows/comparing/compare-call.js";
import { type CompareResult, compareModels } from "../../workflows/comparing/compare-models.js";
import type { CommandContext } from "../command.js";
import { type Presenter, present } from "../present.js";
import { createEventPrinter } from "../texts/event-printer.js";
import { untestedText } from "../texts/untested-text.js";
import { createTestProgress } from "./test-progress.js";

/** The comparison with the command line's reason why nothing was tested, which names flags. */
const shownComparison = ({ comparison, untested }: CompareResult): Comparison =>
  untested ? { ...comparison, images: { kind: "none", why: untestedText(untested) } } : comparison;

export const comparePresenter = (
  { options: { json } }: CompareCall,
  context: CommandContext,
): Presenter<CompareResult> => {
  const { stdout, stderr } = context;
  const printer = createEventPrinter(context, { json });
  const progress = createTestProgress(context, json);
  return {
    event: (event) => (event.kind === "testing" ? progress.testing(event) : printer.event(event)),
    result: (result) => {
      progress.close();
      const shown = shownComparison(result);
      stdout.write(json ? `${jsonText(comparisonJson(shown))}\n` : comparisonText(shown));
      for (const path of result.saved) (json ? stderr : stdout).write(`Saved ${path}\n`);
    },
    close: () => {
      progress.close();
      printer.close();
    },
  };
};

/** Compares nets and prints the comparison. */
export const runCompare = (call: CompareCall, context: CommandContext): Promise<void> =>
  present((workflow) => compareModels(call, workflow), comparePresenter(call, context), context);
