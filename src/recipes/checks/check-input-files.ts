import { stat } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { option } from "../../base/option-reference.js";
import type { RecipeProblem } from "../recipe-problem.js";
import { type OptionFile, optionFiles } from "../stages/option-files.js";
import type { StageDraft } from "../stages/stage.js";

/** The recipe that input files are checked against. */
export interface OtherFiles {
  /** The folder that stages write to. */
  readonly folder: string;
  /** Names of all stages. Names that look like paths are reported elsewhere. */
  readonly names: readonly string[];
}

/** The problem of an input path that is the output of a stage. */
const stageFileProblem = (
  { path, location }: OptionFile,
  reader: StageDraft,
  stages: readonly StageDraft[],
  folder: string,
): RecipeProblem | undefined => {
  const isSameFile = ({ file }: { readonly file: string }) =>
    resolve(folder, file) === resolve(path);
  if (reader.outputs.some(isSameFile)) {
    const hint = `Choose another name for its output with ${option("save")}.`;
    return { location, message: `${reader.name} both reads and writes ${path}.`, hint };
  }
  const producer = stages.find(({ outputs: [first] }) => first && isSameFile(first));
  if (!producer) return undefined;
  const hint = `Name the stage instead of its file: ${producer.name}.`;
  return { location, message: `${path} is the output of the stage ${producer.name}.`, hint };
};

/** The problem of an input path that is missing or is not a regular file; suggests the stage that may be meant. */
const fileProblem = async (
  { path, location }: OptionFile,
  stages: readonly StageDraft[],
): Promise<RecipeProblem | undefined> => {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return undefined;
  const what = found?.isDirectory() ? "a folder" : "not a regular file";
  const message = found ? `${path} is ${what}.` : `there is no file ${path}.`;
  const file = basename(path);
  const producer = stages.find(
    ({ name, outputs: [first] }) => first?.file === file || name === basename(file, extname(file)),
  );
  const hint = producer
    ? `Did you mean the stage ${producer.name}?`
    : "Paths are relative to the current folder.";
  return { location, message, hint };
};

/** Problems with input paths: missing files, and outputs of stages. */
export const checkInputFiles = async (
  stages: readonly StageDraft[],
  { folder, names }: OtherFiles,
): Promise<RecipeProblem[]> => {
  const problems: RecipeProblem[] = [];
  for (const stage of stages) {
    for (const file of optionFiles(stage)) {
      if (names.includes(file.path)) continue;
      const problem =
        stageFileProblem(file, stage, stages, folder) ?? (await fileProblem(file, stages));
      if (problem) problems.push(problem);
    }
  }
  return problems;
};
