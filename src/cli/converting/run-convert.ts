import { jsonText } from "../../base/visible-text.js";
import type { convertOptions } from "../../options/commands/convert-options.js";
import type { Call } from "../../workflows/call.js";
import { type ConvertResult, convertModel } from "../../workflows/converting/convert-model.js";
import type { CommandContext } from "../command.js";
import { present } from "../present.js";
import { createEventPrinter } from "../texts/event-printer.js";

const convertText = (result: ConvertResult): string => {
  const { file, arch, sequence, cfg, classes, tensors, bytes, hasManifest, notices = [] } = result;
  const chain = cfg ? ` (${sequence}), cfg ${cfg.join(",")}` : "";
  const net = `${arch}${chain}, ${classes} classes`;
  const note = hasManifest
    ? ""
    : "The file does not record how the net was quantized and trained.\n";
  const noticed = notices.map((notice) => `${notice}\n`).join("");
  return `Wrote ${file}: ${net}, ${tensors} tensors, ${bytes} bytes\n${note}${noticed}`;
};

/** Converts a model file and prints what was written. */
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
