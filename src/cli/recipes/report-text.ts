import type { StageOutcome } from "../../recipes/running/make-stage.js";
import { textTable } from "../../report/text-table.js";

const grouped = (value: number | null): string =>
  value === null ? "–" : value.toLocaleString("en-US");

const row = ({ stage, isKept, record }: StageOutcome): string[] => {
  const { accuracy, parameters, macs, packedBytes } = record.done.numbers;
  return [
    stage.name,
    accuracy === null ? "–" : `${accuracy.toFixed(2)}%`,
    grouped(parameters),
    grouped(macs),
    grouped(packedBytes),
    record.seconds.toFixed(1),
    isKept ? "kept" : "",
  ];
};

/** The results of a recipe as a table. */
export const reportText = (stages: readonly StageOutcome[]): string => {
  const number = (title: string) => ({ title, isNumber: true });
  const columns = [
    { title: "stage" },
    ...["accuracy", "params", "MACs", "packed B", "seconds"].map(number),
    { title: "" },
  ];
  return textTable(columns, stages.map(row));
};
