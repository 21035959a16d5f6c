import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { exportNetOf, float32Bytes } from "../../export/export-net.js";
import { putInPlace } from "../../files/writing/put-in-place.js";
import type { NetSpec } from "../../models/net-spec.js";
import type { WorkflowContext } from "../context.js";
import { provenanceOf, writeProvenance } from "../history/provenance.js";
import { type RecordedImages, recordedImages } from "../images/recorded-images.js";
import { readStoredNet } from "../nets/stored-net.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import { startEngine } from "../start-engine.js";
import { checkInRuntime, type RuntimeCheck } from "./check-in-runtime.js";
import { chooseExportFile } from "./choose-export-file.js";
import type { ExportCall } from "./export-call.js";
import type { ExportFormat, Written } from "./format.js";
import { formats } from "./formats.js";
import { type ExportTests, testExport } from "./test-export.js";

/** The result of an export. */
export interface ExportResult {
  /** The file or folder that was written. */
  readonly file: string;
  /** The file that was exported. */
  readonly model: string;
  readonly format: ExportFormat;
  readonly spec: NetSpec;
  readonly written: Written;
  /** What the runtime of the format computes, if it was asked. */
  readonly checked: RuntimeCheck | undefined;
  /** Whether the file records how its net was trained. */
  readonly hasManifest: boolean;
  /** The accuracy that the file records, in percent. */
  readonly accuracy: number | undefined;
  /** Size of the net's numbers in float32. */
  readonly float32Bytes: number;
  /** Undefined if the export rounds no numbers. */
  readonly tests: ExportTests | undefined;
  /** The images that the net was trained on. */
  readonly images: RecordedImages;
}

/** Refuses options of other formats. */
const checkFormatOptions = ({ given, options }: ExportCall): void => {
  const { hasFirstLastFormat, hasOpset, runtime } = formats[options.format];
  const refuse = (key: "check" | "edges" | "opset", format: string): QpruneError =>
    new QpruneError(`${option(key)} is not an option of ${option("format")} ${options.format}.`, {
      kind: "usage",
      hint: `Omit ${option(key)}, or add ${option("format")} ${format}.`,
    });
  if (given.has("edges") && !hasFirstLastFormat) throw refuse("edges", "packed");
  if (given.has("check") && !runtime) throw refuse("check", "onnx");
  if (given.has("opset") && !hasOpset) throw refuse("opset", "onnx");
};

/**
 * Exports the net of a file: quantizes latent weights, writes the format, verifies the written file, and tests it if
 * numbers were rounded.
 * @throws QpruneError if the format does not support the net, or a file cannot be read, written or verified.
 */
export const exportModel = async (
  call: ExportCall,
  context: WorkflowContext,
): Promise<ExportResult> => {
  const { options } = call;
  const format = formats[options.format];
  checkFormatOptions(call);
  const { checkpoint, spec } = await readStoredNet(options.file, options);
  const dense = float32Bytes(checkpoint.state);
  format.checkNet?.(spec, checkpoint.path, dense);
  const images = await recordedImages(checkpoint, options.data);
  const path = await chooseExportFile({
    ...options,
    input: checkpoint.path,
    output: format.output,
  });
  const isChecked = options.check !== undefined && format.runtime !== undefined;
  if (spec.form === "trainable" || isChecked) await startEngine(options.engine, context);
  const net = exportNetOf(checkpoint, { spec, dataSet: storedDataSetInfo(checkpoint) });
  const origin = await provenanceOf(checkpoint);
  const written = await putInPlace(path, (temporary) => format.write(net, temporary, options));
  const { check } = options;
  const checked =
    check !== undefined && format.runtime !== undefined
      ? await checkInRuntime(net, format.runtime, {
          python: check,
          file: path,
          signal: context.signal,
        })
      : undefined;
  if (format.isTestable) await writeProvenance(path, { ...call, origin }, context);
  return {
    file: path,
    model: checkpoint.path,
    format,
    spec: net.spec,
    written,
    checked,
    hasManifest: checkpoint.manifest !== undefined,
    accuracy: checkpoint.manifest?.accuracy,
    float32Bytes: dense,
    tests:
      written.readBack && (await testExport(net, written.readBack, { call, context, checkpoint })),
    images,
  };
};
