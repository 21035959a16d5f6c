import { statePathOf } from "../checkpoint/state-path.js";
import type { RecipeProblem } from "./recipe-problem.js";
import type { Stage } from "./stage.js";
import { STAGE_KINDS } from "./stage-kinds.js";

/** What a recipe itself writes into its folder. */
export const STATE_FILE = "recipe-state.json";
export const REPORT_FILE = "report.json";

/** Every file that a stage writes: those that options name, and the training state beside a model. */
const writtenBy = ({ kind, outputs }: Stage) =>
  outputs.flatMap((output) =>
    STAGE_KINDS[kind].isTraining && output.key === "save"
      ? [output, { ...output, file: statePathOf(output.file) }]
      : [output],
  );

/** Files that two stages write, or a stage and the recipe itself. Letters' cases do not tell files apart everywhere. */
export const checkOutputs = (stages: readonly Stage[]): RecipeProblem[] => {
  const writers = new Map([STATE_FILE, REPORT_FILE].map((file) => [file, "the recipe itself"]));
  const problems: RecipeProblem[] = [];
  for (const stage of stages) {
    const written = writtenBy(stage);
    const clash = written.find(({ file }) => writers.has(file.toLowerCase()));
    if (clash) {
      const { file, where } = clash;
      const message = `${stage.name} and ${writers.get(file.toLowerCase())} both write ${file}.`;
      problems.push({ where, message, hint: "Give one of them another name." });
    }
    for (const { file } of written) writers.set(file.toLowerCase(), stage.name);
  }
  return problems;
};
