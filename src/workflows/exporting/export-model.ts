import { QpruneError } from "../../base/errors.js";
import { jsonText } from "../../base/visible-text.js";
import { exportNetOf } from "../../export/export-net-of.js";
import { float32Bytes } from "../../export/float32-bytes.js";
import { putInPlace } from "../../files/put-in-place.js";
import type { CommandContext } from "../../cli/command.js";
import { startEngine } from "../start-engine.js";
import { readStoredNet } from "../nets/stored-net.js";
import { storedDataSetInfo, UNTOLD } from "../nets/stored-spec.js";
import { callsThatMade, writeMadeHistory } from "../outputs/provenance.js";
import { chooseExportFile } from "./choose-export-file.js";
import type { ExportCall } from "./export-call.js";
import { type ExportReport, exportJson, exportText } from "../../cli/exporting/export-report.js";
import { formats } from "./formats.js";
import { testCall } from "../../cli/exporting/test-call.js";
import { testExport } from "./test-export.js";

const checkEdges = ({ given, options }: ExportCall): void => {
  if (!given.has("edges") || formats[options.format].hasEdges) return;
  throw new QpruneError(`--edges is no option of --format ${options.format}.`, {
    kind: "usage",
    hint: "Leave --edges out, or add --format packed.",
  });
};

/**
 * Exports the net of a file: bakes its weights where they are latent, writes the format and reads it back,
 * tests it where numbers were rounded.
 */
export const runExport = async (call: ExportCall, context: CommandContext): Promise<void> => {
  const { options } = call;
  const format = formats[options.format];
  checkEdges(call);
  const { checkpoint, spec } = await readStoredNet(options.file, options);
  const dense = float32Bytes(checkpoint.state);
  format.checkNet?.(spec, checkpoint.path, dense);
  const path = await chooseExportFile({
    ...options,
    input: checkpoint.path,
    output: format.output,
  });
  if (spec.form === "trainable") await startEngine(options.engine ?? "auto", context);
  const net = exportNetOf(checkpoint, { spec, dataSet: storedDataSetInfo(checkpoint) });
  const origin = await callsThatMade(checkpoint);
  const written = await putInPlace(path, (temporary) => format.write(net, temporary, options));
  if (format.output.kind === "file") {
    await writeMadeHistory(path, { ...call, origin }, context);
  }
  const report: ExportReport = {
    file: path,
    model: checkpoint.path,
    format,
    spec: net.spec,
    written,
    notices: checkpoint.manifest ? [] : [UNTOLD],
    accuracy: checkpoint.manifest?.accuracy,
    float32Bytes: dense,
    tests:
      written.readBack && (await testExport(net, written.readBack, { call, context, checkpoint })),
    next: format.isTestable ? await testCall(path, call, { checkpoint, spec }) : undefined,
  };
  const shown = options.json ? `${jsonText(exportJson(report))}\n` : exportText(report);
  context.stdout.write(shown);
};
