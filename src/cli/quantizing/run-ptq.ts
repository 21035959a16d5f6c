import { jsonText } from "../../base/visible-text.js";
import type { PtqCall } from "../../workflows/quantizing/ptq-call.js";
import { type PtqResult, quantizeTrained } from "../../workflows/quantizing/quantize-trained.js";
import type { CommandContext } from "../command.js";
import { type Presenter, present } from "../present.js";
import { createEventPrinter } from "../texts/event-printer.js";
import { ptqJson, ptqText } from "./ptq-report.js";

/** Progress lines of each part of a run. */
const LINES = 4;

export const ptqPresenter = (
  { options: { json } }: PtqCall,
  context: CommandContext,
): Presenter<PtqResult> => {
  const { stdout, stderr } = context;
  const printer = createEventPrinter(context, { json });
  const shown = { images: 0, layers: 0 };
  return {
    event: (event) => {
      if (event.kind !== "quantizing-progress") return printer.event(event);
      const { what, done, total } = event;
      const line = Math.floor((LINES * done) / total);
      if (json || line === shown[what]) return;
      shown[what] = line;
      const verb = what === "images" ? "Observed" : "Quantized";
      stderr.write(`${verb} ${done} of ${total} ${what}\n`);
    },
    result: (result) => stdout.write(json ? `${jsonText(ptqJson(result))}\n` : ptqText(result)),
    close: printer.close,
  };
};

/** Quantizes a trained net and prints the result. */
export const runPtq = (call: PtqCall, context: CommandContext): Promise<void> =>
  present((workflow) => quantizeTrained(call, workflow), ptqPresenter(call, context), context);
