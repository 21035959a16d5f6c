import { jsonText } from "../../base/visible-text.js";
import { shellCommand } from "../../options/names/shell-command.js";
import type { ExportCall } from "../../workflows/exporting/export-call.js";
import { type ExportResult, exportModel } from "../../workflows/exporting/export-model.js";
import { commandOf } from "../../workflows/nets/command-of.js";
import type { CommandContext } from "../command.js";
import { type Presenter, present } from "../present.js";
import { createEventPrinter } from "../texts/event-printer.js";
import { nextDataFlags } from "../texts/next-data-flags.js";
import { exportJson, exportText } from "./export-report.js";

/** The command that tests an exported file, with the flags for its images if it would not find them. */
const testCommand = (call: ExportCall, { file, spec, images }: ExportResult): string => {
  const evaluate = [commandOf(spec.quantization), "--evaluate", "--resume", file];
  return shellCommand([...evaluate, ...nextDataFlags(call, images, "test")]);
};

export const exportPresenter = (
  call: ExportCall,
  context: CommandContext,
): Presenter<ExportResult> => ({
  ...createEventPrinter(context, call.options),
  result: (result) => {
    const next = result.format.isTestable ? testCommand(call, result) : undefined;
    const report = { result, next };
    context.stdout.write(
      call.options.json ? `${jsonText(exportJson(report))}\n` : exportText(report),
    );
  },
});

/** Exports a net and prints the report. */
export const runExport = (call: ExportCall, context: CommandContext): Promise<void> =>
  present((workflow) => exportModel(call, workflow), exportPresenter(call, context), context);
