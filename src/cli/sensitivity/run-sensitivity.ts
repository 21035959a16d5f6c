import { jsonText } from "../../base/visible-text.js";
import { sensitivityText } from "../../report/sensitivity/sensitivity-text.js";
import {
  measureSensitivity,
  type SensitivityResult,
} from "../../workflows/sensitivity/measure-sensitivity.js";
import type { SensitivityCall } from "../../workflows/sensitivity/sensitivity-call.js";
import type { CommandContext } from "../command.js";
import { type Presenter, present } from "../present.js";
import { createEventPrinter } from "../texts/event-printer.js";

/** Progress lines of a run. */
const LINES = 10;

export const sensitivityPresenter = (
  { options: { json } }: SensitivityCall,
  context: CommandContext,
): Presenter<SensitivityResult> => {
  const { stdout, stderr } = context;
  const printer = createEventPrinter(context, { json });
  let shown = 0;
  return {
    event: (event) => {
      if (event.kind !== "sensitivity-progress") return printer.event(event);
      const line = Math.floor((LINES * event.done) / event.nets);
      if (json || line === shown) return;
      shown = line;
      stderr.write(`Tested ${event.done} of ${event.nets} nets\n`);
    },
    result: ({ sensitivity, saved }) => {
      stdout.write(json ? `${jsonText(sensitivity)}\n` : sensitivityText(sensitivity));
      if (saved !== undefined) (json ? stderr : stdout).write(`Saved ${saved}\n`);
    },
    close: printer.close,
  };
};

/** Measures the sensitivity of a net and prints it. */
export const runSensitivity = (call: SensitivityCall, context: CommandContext): Promise<void> =>
  present(
    (workflow) => measureSensitivity(call, workflow),
    sensitivityPresenter(call, context),
    context,
  );
