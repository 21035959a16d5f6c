import { jsonText } from "../../base/visible-text.js";
import { type SummaryCall, summarizeModel } from "../../workflows/summarizing/summarize-model.js";
import type { CommandContext } from "../command.js";
import { summaryJson } from "./summary-json.js";
import { summaryText } from "./summary-text.js";

/** Prints the layers of the net in a file. */
export const runSummary = async (call: SummaryCall, { stdout }: CommandContext): Promise<void> => {
  const result = await summarizeModel(call);
  stdout.write(call.options.json ? `${jsonText(summaryJson(result))}\n` : summaryText(result));
};
