import { manifestFromMetadata } from "../../checkpoint/manifest.js";
import { openNetFile } from "../../checkpoint/net-files/open-net-file.js";
import { DATA_SET_NAMES, type DataSetName } from "../../data/data-set.js";
import { ownImagesIn } from "../../workflows/training/checks/detect-data-set.js";
import type { Recipe, Stage } from "./stage.js";
import type { StageKind } from "./stage-kind.js";
import { SENSITIVITY, STAGE_KINDS } from "./stage-kinds.js";

/** The images that a stage uses. */
export interface StageData {
  readonly name: DataSetName;
  readonly directory: string;
  readonly parts: "train and test" | "test only";
  /** Whether the stage fails without them; otherwise it skips its test. */
  readonly isNeeded: boolean;
}

const knownName = (name: unknown): DataSetName | undefined =>
  DATA_SET_NAMES.find((each) => each === name);

/** The data set that a model file was trained on, if recorded. Also works for unknown models. */
const recordedDataSet = async (
  path: string,
  { given }: Stage,
): Promise<DataSetName | undefined> => {
  const key = typeof given.key === "string" ? given.key : undefined;
  const { metadata } = await openNetFile(path, { key });
  return knownName(manifestFromMetadata(metadata, path)?.dataSet.name);
};

/** The user's own images, which training detects if no data set is named, as the training commands do. */
const detectedImages = async ({ given, options }: Stage): Promise<DataSetName | undefined> =>
  "dataset" in given || options.download === true ? undefined : ownImagesIn(String(options.data));

/** The data set of files that do not record one. */
const DEFAULT_DATA_SET = "cifar10" satisfies DataSetName;

/** The data set of a stage: its own, or that of its first input that records one. */
const dataSetOf = async (
  stage: Stage,
  { stages }: Pick<Recipe, "stages">,
): Promise<DataSetName | undefined> => {
  const { isTraining } = STAGE_KINDS[stage.kind];
  const own = (isTraining && (await detectedImages(stage))) || knownName(stage.options.dataset);
  if (own !== undefined) return own;
  if (stage.inputs.length === 0) return undefined;
  for (const { key, from } of stage.inputs) {
    if (key === SENSITIVITY) continue;
    const source = from.kind === "stage" && stages.find(({ name }) => name === from.stage);
    const inherited = source ? dataSetOf(source, { stages }) : undefined;
    const name = await (from.kind === "file" ? recordedDataSet(from.path, stage) : inherited);
    if (name !== undefined) return name;
  }
  return DEFAULT_DATA_SET;
};

/**
 * The images of a stage; undefined if it uses none.
 * @throws QpruneError if a model file that may record the data set cannot be read.
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
