import { jsonText } from "../../base/visible-text.js";
import type { convertOptions } from "../../options/commands/convert-options.js";
import type { Call } from "../../workflows/call.js";
import { convertModel } from "../../workflows/converting/convert-model.js";
import type { CommandContext } from "../command.js";
import { createEventPrinter } from "../output/event-printer.js";
import { present } from "../present.js";
import { convertText } from "./convert-text.js";

/** Converts a net's file, and shows what was written. */
export const runConvert = (
  call: Call<typeof convertOptions>,
  context: CommandContext,
): Promise<void> =>
  present(
    (workflow) => convertModel(call, workflow),
    {
      ...createEventPrinter(context, call.options),
      result: (result) =>
        context.stdout.write(call.options.json ? `${jsonText(result)}\n` : convertText(result)),
    },
    context,
  );
