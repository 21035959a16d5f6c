import { manifestFromMetadata } from "../../checkpoint/manifest.js";
import { readStateFile } from "../../checkpoint/read-state-file.js";
import { hasCifar } from "../../data/cifar/find-cifar-folder.js";
import { DATA_SET_NAMES, type DataSetName } from "../../data/data-set.js";
import { looksLikeImages } from "../../data/image-folders/listing/looks-like-images.js";
import type { Recipe, Stage } from "./stage.js";
import type { StageKind } from "./stage-kind.js";
import { STAGE_KINDS } from "./stage-kinds.js";

/** The images that a stage computes with. */
export interface StageData {
  readonly name: DataSetName;
  readonly directory: string;
  readonly parts: "train and test" | "test only";
  /** Whether the stage fails without them; else it leaves its test out. */
  readonly isNeeded: boolean;
}

const knownName = (name: unknown): DataSetName | undefined =>
  DATA_SET_NAMES.find((each) => each === name);

/** The data set that a file says it was trained on; its net need not be known. */
const toldByFile = async (path: string, { given }: Stage): Promise<DataSetName | undefined> => {
  const key = typeof given.key === "string" ? given.key : undefined;
  const { metadata } = await readStateFile(path, { key });
  return knownName(manifestFromMetadata(metadata, path)?.dataSet.name);
};

/** What training takes folders of images for where no data set is named, as its commands do. */
const takesImages = async ({ given, options }: Stage): Promise<boolean> => {
  if ("dataset" in given || options.download === true) return false;
  const directory = String(options.data);
  return !(await hasCifar(directory)) && (await looksLikeImages(directory));
};

/** Files that do not tell were trained on it. */
const CIFAR10 = "cifar10" satisfies DataSetName;

/** The data set of a stage: its own, else that of the first net it takes which tells one. */
const dataSetOf = async (
  stage: Stage,
  { stages }: Pick<Recipe, "stages">,
): Promise<DataSetName | undefined> => {
  if (STAGE_KINDS[stage.kind].isTraining && (await takesImages(stage))) return "images";
  const own = knownName(stage.options.dataset);
  if (own !== undefined) return own;
  if (stage.inputs.length === 0) return undefined;
  for (const { from } of stage.inputs) {
    const source = from.kind === "stage" && stages.find(({ name }) => name === from.stage);
    const told = source ? dataSetOf(source, { stages }) : undefined;
    const name = await (from.kind === "file" ? toldByFile(from.path, stage) : told);
    if (name !== undefined) return name;
  }
  return CIFAR10;
};

/**
 * The images of a stage; undefined where it needs none.
 * @throws QpruneError where a file that should tell its data set cannot be read.
 */
export const stageData = async (stage: Stage, recipe: Recipe): Promise<StageData | undefined> => {
  const kind: StageKind = STAGE_KINDS[stage.kind];
  const parts = kind.dataUse(stage.options);
  if (parts === "none") return undefined;
  const name = await dataSetOf(stage, recipe);
  if (name === undefined) return undefined;
  const isAskedFor = ["data", "dataset", "test_limit"].some((key) => key in stage.given);
  const isNeeded = parts === "train and test" || isAskedFor;
  return { name, directory: String(stage.options.data), parts, isNeeded };
};
