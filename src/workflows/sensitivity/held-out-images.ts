import type { DataSetInfo, ImageSet } from "../../data/data-set.js";
import { heldOutIndices, holdOut } from "../../data/hold-out.js";
import { spacedIndices, subset } from "../../data/subset.js";
import type { WorkflowContext } from "../context.js";
import { fileHistory } from "../history/file-history.js";
import { storedDataSetInfo } from "../nets/stored-spec.js";
import type { ReadNet } from "../pruning/read-net.js";
import { openTrainingImages } from "../testing/open-test-data.js";
import type { SensitivityCall } from "./sensitivity-call.js";

/** The share that is held out if the net's training held out none. */
const DEFAULT_SHARE = 0.1;

/** Images that the sensitivity is measured on. */
export interface HeldOutImages {
  readonly images: ImageSet;
  readonly info: DataSetInfo;
  /** Whether the training of the net held them out, as far as its history records. */
  readonly wereHeldOut: boolean;
}

/** Which images were held out. */
interface Split {
  readonly share: number;
  readonly seed: number;
  readonly trainLimit: number | undefined;
}

/** The split of the run that trained the file; undefined if it held out nothing or is not recorded. */
const recordedSplit = async ({ checkpoint }: ReadNet): Promise<Split | undefined> => {
  const found = await fileHistory(checkpoint);
  if (found.kind !== "found") return undefined;
  const { val_split: share, seed, train_limit: limit } = found.history.options;
  if (typeof share !== "number" || typeof seed !== "number") return undefined;
  return { share, seed, trainLimit: typeof limit === "number" ? limit : undefined };
};

/** At most `count` of a set's images, evenly spaced. */
const spaced = (set: ImageSet, count: number): ImageSet =>
  set.count <= count ? set : subset(set, spacedIndices(set.count, count));

/**
 * Training images that are held out: those that the net's training held out, if its history records that.
 * @throws QpruneError if the images are missing (usage) or damaged, or too few to be split.
 */
export const heldOutImages = async (
  { options, given }: SensitivityCall,
  read: ReadNet,
  context: Omit<WorkflowContext, "now">,
): Promise<HeldOutImages> => {
  const { checkpoint, spec } = read;
  const recorded = await recordedSplit(read);
  const isChosen = ["val_split", "train_limit", "seed"].some((key) => given.has(key));
  const split: Split =
    recorded && !isChosen
      ? recorded
      : {
          share: options.val_split ?? DEFAULT_SHARE,
          seed: options.seed,
          trainLimit: options.train_limit,
        };
  const tested = {
    path: checkpoint.path,
    dataSet: storedDataSetInfo(checkpoint),
    classes: spec.classes,
  };
  const reading = { ...options, train_limit: split.trainLimit, test_limit: 1 };
  const used = (count: number): Uint32Array => heldOutIndices(count, split.share, split.seed);
  const dataSet = await openTrainingImages(reading, tested, context, used);
  const { validation } = holdOut(dataSet, split.share, split.seed);
  const isSame =
    recorded?.share === split.share &&
    recorded.seed === split.seed &&
    recorded.trainLimit === split.trainLimit;
  return {
    images: spaced(validation as ImageSet, options.images),
    info: dataSet.info,
    wereHeldOut: isSame,
  };
};
