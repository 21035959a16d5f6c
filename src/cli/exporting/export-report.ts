import type { NetSpec } from "../../models/spec.js";
import { textTable } from "../../report/text-table.js";
import type { ExportFormat, Written } from "../../workflows/exporting/format.js";
import type { ExportTests } from "../../workflows/exporting/test-export.js";

/** All that an export did. */
export interface ExportReport {
  readonly file: string;
  /** The file that was exported. */
  readonly model: string;
  readonly format: ExportFormat;
  readonly spec: NetSpec;
  readonly written: Written;
  /** What the user would not expect, as sentences; those of the format are in `written`. */
  readonly notices: readonly string[];
  /** What the file tells of its accuracy, in percent. */
  readonly accuracy: number | undefined;
  /** The net's numbers in float32. */
  readonly float32Bytes: number;
  /** Undefined where the export changes no number. */
  readonly tests: ExportTests | undefined;
  /** The call that tests what was written, where qprune reads it. */
  readonly next: string | undefined;
}

const bytesOf = ({ written: { layout } }: ExportReport): number =>
  layout.reduce((sum, { bytes }) => sum + bytes, 0);

const noticesOf = ({ notices, written }: ExportReport): readonly string[] => [
  ...notices,
  ...(written.notices ?? []),
];

/** The report as --json prints it; accuracies in percent. */
export const exportJson = (report: ExportReport): object => {
  const { file, model, format, spec, written, float32Bytes, tests, next } = report;
  return {
    file,
    model,
    format: format.name,
    arch: spec.arch,
    form: spec.form,
    bytes: bytesOf(report),
    float32Bytes,
    layout: written.layout,
    check: written.check,
    notices: noticesOf(report),
    tests: tests ?? null,
    next: next ?? null,
  };
};

const layoutTable = ({ written: { layout } }: ExportReport): string =>
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

const testText = ({ tests, model, accuracy }: ExportReport): string => {
  if (!tests) {
    const told = accuracy === undefined ? "" : ` (${accuracy.toFixed(2)}%)`;
    return `Not tested: no number was rounded, so it is as accurate as ${model}${told}.\n`;
  }
  if (tests.kind === "untested") return `Not tested what rounding costs: ${tests.why}.\n`;
  const [before, after] = [tests.before, tests.after].map(
    ({ accuracy }) => `${accuracy.toFixed(2)}%`,
  );
  return `Accuracy before ${before}, with rounded kernels ${after} (${tests.after.count} images).\n`;
};

const sizeText = (report: ExportReport): string => {
  const [bytes, { float32Bytes }] = [bytesOf(report), report];
  const times = (float32Bytes / bytes).toFixed(2);
  return `${bytes} bytes; its numbers in float32 take ${float32Bytes} (${times} times as many)`;
};

/** The report for people. */
export const exportText = (report: ExportReport): string => {
  const { file, model, format, spec, written, next } = report;
  return [
    `${model}: ${spec.arch}, ${spec.form}; ${format.summary}\n\n`,
    layoutTable(report),
    "\n",
    ...noticesOf(report).map((notice) => `${notice}\n`),
    testText(report),
    `Read back: ${written.check}.\n`,
    `Saved ${file}: ${sizeText(report)}\n`,
    next === undefined ? `Next: ${format.readOn}\n` : `${format.readOn}.\nNext: ${next}\n`,
  ].join("");
};
