import { join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { dataSetDigest } from "../../data/data-set-digest.js";
import { fileDigest } from "../../files/file-digest.js";
import { optionFiles } from "../stages/option-files.js";
import type { Recipe, Stage, StageInput } from "../stages/stage.js";
import { stageData } from "../stages/stage-data.js";
import { decidingOptions, inputPart, type StageParts } from "./stage-key.js";

/** Digests of data sets: their files are read once a run. */
export type DataDigests = (recipe: Recipe, stage: Stage) => Promise<string | null>;

/** Null where there are no images, and a stage then leaves its test out. */
export const createDataDigests = (): DataDigests => {
  const known = new Map<string, Promise<string>>();
  return async (recipe, stage) => {
    const data = await stageData(stage, recipe);
    if (!data) return null;
    const { isNeeded, ...place } = data;
    const id = JSON.stringify(place);
    const digest = known.get(id) ?? dataSetDigest(place);
    known.set(id, digest);
    return digest.catch((error) => {
      // What a run will fetch is there once it runs.
      const isMissed = isNeeded && stage.options.download !== true;
      if (isMissed || !(error instanceof QpruneError && error.kind === "usage")) throw error;
      return null;
    });
  };
};

/** The file that an input stands for. */
export const inputPath = ({ from }: StageInput, { folder, stages }: Recipe): string => {
  if (from.kind === "file") return from.path;
  const source = stages.find(({ name }) => name === from.stage);
  return join(folder, source?.outputs[0].file ?? from.stage);
};

/**
 * What decides a stage's files, once the files that it reads are there.
 * @throws QpruneError where one of them is not, or the images that it needs are not.
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
      throw new QpruneError(`${stage.name} reads ${path}, which is gone.`, {
        hint: "Run the recipe again: it makes what is missing.",
      });
    }
    inputs[key] = digest;
  }
  const data = await dataDigest(recipe, stage);
  return { command: stage.command, options: decidingOptions(stage), inputs, data };
};
