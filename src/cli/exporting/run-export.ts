import { jsonText } from "../../base/visible-text.js";
import type { ExportCall } from "../../workflows/exporting/export-call.js";
import { type ExportResult, exportModel } from "../../workflows/exporting/export-model.js";
import type { CommandContext } from "../command.js";
import { createEventPrinter } from "../output/event-printer.js";
import { type Presenter, present } from "../present.js";
import { exportJson, exportText } from "./export-report.js";
import { testCall } from "./test-call.js";

export const exportPresenter = (
  call: ExportCall,
  context: CommandContext,
): Presenter<ExportResult> => ({
  ...createEventPrinter(context, call.options),
  result: (result) => {
    const next = result.format.isTestable ? testCall(call, result) : undefined;
    const report = { result, next };
    context.stdout.write(
      call.options.json ? `${jsonText(exportJson(report))}\n` : exportText(report),
    );
  },
});

/** Exports a net, and shows it. */
export const runExport = (call: ExportCall, context: CommandContext): Promise<void> =>
  present((workflow) => exportModel(call, workflow), exportPresenter(call, context), context);
