import { trainingStatePathOf } from "../../checkpoint/training/training-state-path.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { StageDraft, StageOutput } from "../stages/stage.js";
import { STAGE_KINDS } from "../stages/stage-kinds.js";

/** Files that a recipe itself writes to its folder. */
export const STATE_FILE = "recipe-state.json";
export const REPORT_FILE = "report.json";

/** Every file reserves these names: its own, those of earlier versions that are kept, and that of its lock. */
const RESERVED_SUFFIXES = ["", ".previous", ".interrupted", ".lock"];

/** Files that training writes next to its model: nin.safetensors has nin.state.safetensors and nin.history.json. */
export const trainingFiles = (model: string): readonly string[] => [
  trainingStatePathOf(model),
  `${model.replace(/(\.state)?\.[^.]+$/, "")}.history.json`,
];

/** Every file that a stage writes: those that options name, and those that training writes next to its model. */
const filesWrittenBy = ({ kind, outputs }: StageDraft): StageOutput[] =>
  outputs.flatMap((output) => {
    const siblings = STAGE_KINDS[kind].isTraining ? trainingFiles(output.file) : [];
    return [output.file, ...siblings].map((file) => ({ ...output, file }));
  });

/** Some file systems ignore case. */
const keyOf = (file: string): string => file.toLowerCase();

/** Problems with files that are written twice: by two stages, by one stage, or by a stage and the recipe itself. */
export const checkOutputs = (stages: readonly StageDraft[]): RecipeProblem[] => {
  const writers = new Map<string, string>();
  const reserve = (file: string, writer: string): void => {
    for (const ending of RESERVED_SUFFIXES) writers.set(keyOf(file + ending), writer);
  };
  for (const file of [STATE_FILE, REPORT_FILE]) reserve(file, "the recipe itself");
  return stages.flatMap((stage): RecipeProblem[] => {
    const problems: RecipeProblem[] = [];
    for (const { file, location } of filesWrittenBy(stage)) {
      const writer = writers.get(keyOf(file));
      if (writer === undefined) {
        reserve(file, stage.name);
        continue;
      }
      const both = `${stage.name} and ${writer} both write ${file}.`;
      const message = writer === stage.name ? `${writer} writes ${file} twice.` : both;
      problems.push({ location, message, hint: "Give one of them another name." });
    }
    // Two training stages with the same output share several files; one problem is enough.
    return problems.slice(0, 1);
  });
};
