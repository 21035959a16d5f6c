import { jsonText } from "../../base/visible-text.js";
import type { MergeCall, MergeTestCall } from "../../workflows/merging/merge-call.js";
import { mergeModel } from "../../workflows/merging/merge-model.js";
import type { MergeResult } from "../../workflows/merging/merge-result.js";
import { testMerge } from "../../workflows/merging/test-merge.js";
import type { CommandContext } from "../command.js";
import { type Presenter, present } from "../present.js";
import { createEventPrinter } from "../texts/event-printer.js";
import { mergeJson, mergeTestJson, mergeTestText, mergeText } from "./merge-report.js";

export const mergePresenter = (
  { options }: MergeCall,
  context: CommandContext,
): Presenter<MergeResult> => ({
  ...createEventPrinter(context, options),
  result: (result) =>
    context.stdout.write(options.json ? `${jsonText(mergeJson(result))}\n` : mergeText(result)),
});

/** Merges the batch norms of a net and prints the result. */
export const runMerge = (call: MergeCall, context: CommandContext): Promise<void> =>
  present((workflow) => mergeModel(call, workflow), mergePresenter(call, context), context);

/** Tests a net before and after its merge and prints the result. */
export const runMergeTest = (call: MergeTestCall, context: CommandContext): Promise<void> => {
  const { options } = call;
  return present(
    (workflow) => testMerge(call, workflow),
    {
      ...createEventPrinter(context, options),
      result: (result) =>
        context.stdout.write(
          options.json ? `${jsonText(mergeTestJson(result))}\n` : mergeTestText(result),
        ),
    },
    context,
  );
};
