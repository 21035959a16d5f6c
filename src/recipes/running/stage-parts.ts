import { join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { dataSetDigest } from "../../data/data-set-digest.js";
import { fileDigest } from "../../files/reading/file-digest.js";
import { optionFiles } from "../stages/option-files.js";
import type { Recipe, Stage, StageInput } from "../stages/stage.js";
import { stageData } from "../stages/stage-data.js";
import { decidingOptions, inputPart, type StageParts } from "./stage-key.js";

/** Returns the digest of a stage's images, or null if it has none. */
export type DataDigests = (recipe: Recipe, stage: Stage) => Promise<string | null>;

/** Computes digests of data sets; each is read once. */
export const createDataDigests = (): DataDigests => {
  const known = new Map<string, Promise<string>>();
  return async (recipe, stage) => {
    const data = await stageData(stage, recipe);
    if (!data) return null;
    const { isNeeded, ...dataSet } = data;
    const id = JSON.stringify(dataSet);
    const digest = known.get(id) ?? dataSetDigest(dataSet);
    known.set(id, digest);
    return digest.catch((error) => {
      // Missing images are fine if the run downloads them or the stage skips its test without them.
      const isRequired = isNeeded && stage.options.download !== true;
      if (isRequired || !(error instanceof QpruneError && error.kind === "usage")) throw error;
      return null;
    });
  };
};

/** The path of an input: its own, or that of the stage it names. */
export const inputPath = ({ from }: StageInput, { folder, stages }: Recipe): string => {
  if (from.kind === "file") return from.path;
  const source = stages.find(({ name }) => name === from.stage);
  return join(folder, source?.outputs[0].file ?? from.stage);
};

/**
 * Everything that determines a stage's output. The files that it reads must exist.
 * @throws QpruneError if a file or required images are missing.
 */
export const stageParts = async (
  stage: Stage,
  recipe: Recipe,
  dataDigest: DataDigests,
): Promise<StageParts> => {
  const files = [
    ...stage.inputs.map((input) => ({
      key: inputPart(input, stage),
      path: inputPath(input, recipe),
    })),
    ...optionFiles(stage).filter(({ key }) => key === "arch"),
  ];
  const inputs: Record<string, string> = {};
  for (const { key, path } of files) {
    const digest = await fileDigest(path);
    if (digest === undefined) {
      throw new QpruneError(`${stage.name} reads ${path}, which no longer exists.`, {
        hint: "Run the recipe again to recreate missing files.",
      });
    }
    inputs[key] = digest;
  }
  const data = await dataDigest(recipe, stage);
  return { command: stage.command, options: decidingOptions(stage), inputs, data };
};
