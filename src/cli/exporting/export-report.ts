import { formText } from "../../report/form-text.js";
import { textTable } from "../../report/text-table.js";
import type { ExportResult } from "../../workflows/exporting/export-model.js";
import type { ExportTests } from "../../workflows/exporting/test-export.js";
import { measureTitle } from "../texts/measure-name.js";
import { unrecordedTraining } from "../texts/unrecorded-training.js";
import { untestedText } from "../texts/untested-text.js";

/** An export, and the command that tests the written file if qprune can read it. */
export interface ExportReport {
  readonly result: ExportResult;
  readonly next: string | undefined;
}

const bytesOf = ({ written: { layout } }: ExportResult): number =>
  layout.reduce((sum, { bytes }) => sum + bytes, 0);

const noticesOf = ({
  hasManifest,
  spec: { arch },
  images: { dataSet },
  written,
}: ExportResult): readonly string[] => [
  ...(hasManifest ? [] : [unrecordedTraining({ arch, dataSet })]),
  ...(written.notices ?? []),
];

const testsJson = (tests: ExportTests): object =>
  tests.kind === "tested" ? tests : { kind: "untested", why: untestedText(tests.untested) };

/** The report of --json; accuracies are in percent. */
export const exportJson = ({ result, next }: ExportReport): object => {
  const { file, model, format, spec, written, float32Bytes, tests } = result;
  return {
    file,
    model,
    format: format.name,
    arch: spec.arch,
    form: spec.form,
    bytes: bytesOf(result),
    float32Bytes,
    layout: written.layout,
    check: written.check,
    runtime: result.checked ?? null,
    notices: noticesOf(result),
    tests: tests ? testsJson(tests) : null,
    next: next ?? null,
  };
};

const layoutTable = ({ written: { layout } }: ExportResult): string =>
  textTable(
    [
      { title: "" },
      { title: "stored as" },
      { title: "tensors", isNumber: true },
      { title: "bytes", isNumber: true },
    ],
    layout.map(({ part, storage, tensors, bytes }) => [
      part,
      storage,
      tensors === 0 ? "" : String(tensors),
      String(bytes),
    ]),
  );

const testText = ({ tests, model, accuracy }: ExportResult): string => {
  if (!tests) {
    const recorded = accuracy === undefined ? "" : ` (${accuracy.toFixed(2)}%)`;
    return `Not tested: no number was rounded, so it is as accurate as ${model}${recorded}.\n`;
  }
  if (tests.kind === "untested")
    return `Effect of rounding not tested: ${untestedText(tests.untested)}.\n`;
  const [before, after] = [tests.before, tests.after].map(
    ({ accuracy }) => `${accuracy.toFixed(2)}%`,
  );
  return `${measureTitle(tests.after)} before ${before}, with rounded kernels ${after} (${tests.after.count} images).\n`;
};

const sizeText = (result: ExportResult): string => {
  const [bytes, { float32Bytes }] = [bytesOf(result), result];
  const times = (float32Bytes / bytes).toFixed(2);
  return `${bytes} bytes; its numbers in float32 take ${float32Bytes} (${times} times as many)`;
};

const runtimeText = ({ checked }: ExportResult): string => {
  if (!checked) return "";
  const { runtime, images, sameClass, difference, leastLead } = checked;
  const compared = `${runtime} gives the same class for ${sameClass} of ${images} random images; outputs differ by ${difference.toExponential(1)} of the largest at most.\n`;
  return sameClass === images
    ? compared
    : `${compared}The two largest outputs of an image differ by ${leastLead.toExponential(1)} at least.\n`;
};

/** The report as text. */
export const exportText = ({ result, next }: ExportReport): string => {
  const { file, model, format, spec, written } = result;
  return [
    `${model}: ${spec.arch}, ${formText(spec.form)}; ${format.summary}\n\n`,
    layoutTable(result),
    "\n",
    ...noticesOf(result).map((notice) => `${notice}\n`),
    testText(result),
    `Verified: ${written.check}.\n`,
    runtimeText(result),
    `Saved ${file}: ${sizeText(result)}\n`,
    next === undefined ? `Next: ${format.readOn}\n` : `${format.readOn}.\nNext: ${next}\n`,
  ].join("");
};
