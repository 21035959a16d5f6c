import { stat } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import type { RecipeProblem } from "../recipe-problem.js";
import { type OptionFile, optionFiles } from "../stages/option-files.js";
import type { StageDraft } from "../stages/stage.js";

/** What files are held against. */
export interface OtherFiles {
  /** That stages write into. */
  readonly folder: string;
  /** Of all stages. Some may look like paths, which is told elsewhere. */
  readonly names: readonly string[];
}

/** A file that a stage reads by its path and that a stage makes: it is none that was there before. */
const madeFile = (
  { path, where }: OptionFile,
  reader: StageDraft,
  stages: readonly StageDraft[],
  folder: string,
): RecipeProblem | undefined => {
  const isIt = ({ file }: { readonly file: string }) => resolve(folder, file) === resolve(path);
  if (reader.outputs.some(isIt)) {
    const hint = "Give what it writes another name by save.";
    return { where, message: `${reader.name} reads ${path} and writes it.`, hint };
  }
  const maker = stages.find(({ outputs: [first] }) => first && isIt(first));
  if (!maker) return undefined;
  const hint = `Name the stage in place of the file: ${maker.name}.`;
  return { where, message: `${path} is the file of the stage ${maker.name}.`, hint };
};

/** A file that is not there, or is none; that of a stage is perhaps meant. */
const fileProblem = async (
  { path, where }: OptionFile,
  stages: readonly StageDraft[],
): Promise<RecipeProblem | undefined> => {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return undefined;
  const what = found?.isDirectory() ? "a folder" : "no plain file";
  const message = found ? `${path} is ${what}.` : `there is no file ${path}.`;
  const file = basename(path);
  const maker = stages.find(
    ({ name, outputs: [first] }) => first?.file === file || name === basename(file, extname(file)),
  );
  const hint = maker
    ? `Did you mean the stage ${maker.name}?`
    : "Paths start from the folder that qprune is called in.";
  return { where, message, hint };
};

/** Files that stages read and that are not there, or that a stage makes. */
export const checkInputFiles = async (
  stages: readonly StageDraft[],
  { folder, names }: OtherFiles,
): Promise<RecipeProblem[]> => {
  const problems: RecipeProblem[] = [];
  for (const stage of stages) {
    for (const file of optionFiles(stage)) {
      if (names.includes(file.path)) continue;
      const problem = madeFile(file, stage, stages, folder) ?? (await fileProblem(file, stages));
      if (problem) problems.push(problem);
    }
  }
  return problems;
};
