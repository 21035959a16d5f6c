import type { RecipeProblem } from "../recipe-problem.js";
import { trainingFiles } from "../running/training-files.js";
import type { StageDraft, StageOutput } from "../stages/stage.js";
import { STAGE_KINDS } from "../stages/stage-kinds.js";

/** What a recipe itself writes into its folder. */
export const STATE_FILE = "recipe-state.json";
export const REPORT_FILE = "report.json";

/** What names a file takes: its own, those that an earlier one is kept under, and that of its lock. */
const TAKEN = ["", ".previous", ".interrupted", ".lock"];

/** Every file that a stage writes: those that options name, and what a training has beside its model. */
const writtenBy = ({ kind, outputs }: StageDraft): StageOutput[] =>
  outputs.flatMap((output) => {
    const beside = STAGE_KINDS[kind].isTraining ? trainingFiles(output.file) : [];
    return [output.file, ...beside].map((file) => ({ ...output, file }));
  });

/** Letters' cases do not tell files apart everywhere. */
const keyOf = (file: string): string => file.toLowerCase();

/** Files that two stages write, or a stage twice, or a stage and the recipe itself. */
export const checkOutputs = (stages: readonly StageDraft[]): RecipeProblem[] => {
  const writers = new Map<string, string>();
  const take = (file: string, writer: string): void => {
    for (const ending of TAKEN) writers.set(keyOf(file + ending), writer);
  };
  for (const file of [STATE_FILE, REPORT_FILE]) take(file, "the recipe itself");
  return stages.flatMap((stage): RecipeProblem[] => {
    const problems: RecipeProblem[] = [];
    for (const { file, where } of writtenBy(stage)) {
      const writer = writers.get(keyOf(file));
      if (writer === undefined) {
        take(file, stage.name);
        continue;
      }
      const both = `${stage.name} and ${writer} both write ${file}.`;
      const message = writer === stage.name ? `${writer} writes ${file} twice.` : both;
      problems.push({ where, message, hint: "Give one of them another name." });
    }
    // Two trainings of one name have more than one file in common.
    return problems.slice(0, 1);
  });
};
