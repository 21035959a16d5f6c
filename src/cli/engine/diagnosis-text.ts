import chalk from "chalk";
import type { Diagnosis } from "../../engine/diagnosis/diagnosis.js";

const LABEL_WIDTH = 12;

type Row = readonly [label: string, text: string];

const section = (title: string, rows: readonly Row[]): string => {
  const lines = rows.map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${text}`);
  return [chalk.bold(title), ...lines, ""].join("\n");
};

const versionRows = ({ versions }: Diagnosis): Row[] =>
  Object.entries(versions).map(([name, version]) => [name, version ?? "not found"]);

const machineRows = ({ machine }: Diagnosis): Row[] => [
  ["system", `${machine.platform}-${machine.arch}${machine.isTested ? "" : " (untested)"}`],
  ["cores", `${machine.cores}, ${machine.threads} threads`],
  ["memory", `${Math.round(machine.memoryMegabytes)} MB`],
  ["oneDNN", machine.isOneDnnOn ? "on" : "off"],
  ["vectors", machine.vectorExtensions.join(" ") || "unknown"],
];

const cacheRows = ({ cache }: Diagnosis): Row[] => [
  ["folder", cache.folder ?? "none"],
  ["free", cache.freeMegabytes === null ? "unknown" : `${Math.round(cache.freeMegabytes)} MB`],
  ...cache.parts.map(
    ({ name, path, megabytes }): Row => [name, megabytes ? `${path} (${megabytes} MB)` : "none"],
  ),
];

const engineRows = ({ engine }: Diagnosis): Row[] => {
  const { isUsable, detail, multipliesBf16 } = engine;
  const usable: Row = ["usable", `${isUsable ? "yes" : "no"}: ${detail}`];
  if (multipliesBf16 === undefined) return [usable];
  return [usable, ["bfloat16", multipliesBf16 ? "multiplied by the processor" : "emulated, slow"]];
};

const problemLines = ({ problems }: Diagnosis): string =>
  problems.length === 0
    ? `${chalk.green("No problems found.")}\n`
    : problems.map(({ what, remedy }) => `${chalk.red("!")} ${what}\n  ${remedy}\n`).join("");

/** A diagnosis as text. */
export const diagnosisText = (diagnosis: Diagnosis): string =>
  [
    section("Versions", versionRows(diagnosis)),
    section("Machine", machineRows(diagnosis)),
    section("Cache", cacheRows(diagnosis)),
    section("Native engine", engineRows(diagnosis)),
    problemLines(diagnosis),
  ].join("\n");
