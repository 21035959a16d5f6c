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

const checkEdges = ({ given, options }: ExportCall): void => {
  if (!given.has("edges") || formats[options.format].hasFirstLastFormat) return;
  throw new QpruneError(
    `${option("edges")} is not an option of ${option("format")} ${options.format}.`,
    {
      kind: "usage",
      hint: `Omit ${option("edges")}, or add ${option("format")} packed.`,
    },
  );
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
  checkEdges(call);
  const { checkpoint, spec } = await readStoredNet(options.file, options);
  const dense = float32Bytes(checkpoint.state);
  format.checkNet?.(spec, checkpoint.path, dense);
  const images = await recordedImages(checkpoint, options.data);
  const path = await chooseExportFile({
    ...options,
    input: checkpoint.path,
    output: format.output,
  });
  if (spec.form === "trainable") await startEngine(options.engine, context);
  const net = exportNetOf(checkpoint, { spec, dataSet: storedDataSetInfo(checkpoint) });
  const origin = await provenanceOf(checkpoint);
  const written = await putInPlace(path, (temporary) => format.write(net, temporary, options));
  if (format.isTestable) await writeProvenance(path, { ...call, origin }, context);
  return {
    file: path,
    model: checkpoint.path,
    format,
    spec: net.spec,
    written,
    hasManifest: checkpoint.manifest !== undefined,
    accuracy: checkpoint.manifest?.accuracy,
    float32Bytes: dense,
    tests:
      written.readBack && (await testExport(net, written.readBack, { call, context, checkpoint })),
    images,
  };
};
