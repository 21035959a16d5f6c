import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { loadCheckpoint } from "../checkpoint/checkpoint.js";
import { summariseNet } from "../measure/summarise-net.js";
import type { StageNumbers } from "./recipe-state.js";
import type { Recipe, Stage } from "./stage.js";
import { STAGE_KINDS } from "./stage-kinds.js";
import { inputPath } from "./stage-parts.js";

const bytesOf = async (path: string): Promise<number> => {
  const found = await stat(path);
  if (!found.isDirectory()) return found.size;
  const sizes = await Promise.all((await readdir(path)).map((name) => bytesOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
};

/** The checkpoint with a stage's net; a folder for TensorFlow.js is none, and the net that of its input. */
const netFileOf = (stage: Stage, recipe: Recipe): string | undefined => {
  const form = STAGE_KINDS[stage.kind].makes(stage.options);
  const [input] = stage.inputs;
  if (form === "page") return undefined;
  if (form === "tfjs") return input && inputPath(input, recipe);
  return join(recipe.folder, stage.outputs[0].file);
};

/** What the net of a stage that is done is and takes; a page has none. */
export const measureStage = async (stage: Stage, recipe: Recipe): Promise<StageNumbers> => {
  const fileBytes = await bytesOf(join(recipe.folder, stage.outputs[0].file));
  const netFile = netFileOf(stage, recipe);
  const checkpoint = netFile === undefined ? undefined : await loadCheckpoint(netFile);
  if (!checkpoint?.manifest) {
    return { accuracy: null, parameters: null, macs: null, packedBytes: null, fileBytes };
  }
  const { parameters, macs, packedBytes } = summariseNet(
    checkpoint,
    checkpoint.manifest.spec,
  ).total;
  const accuracy = checkpoint.manifest.accuracy ?? null;
  return { accuracy, parameters, macs, packedBytes, fileBytes };
};
