import { usageError } from "../base/errors.js";
import { randomPermutation } from "../base/random.js";
import type { DataSet } from "./data-set.js";
import { subset } from "./subset.js";

/** First key after the seed of the draw of the held-out images. */
const STREAM = 0x686f6c64;

/** How many of `count` images are held out. */
const heldCount = (count: number, share: number): number =>
  Math.min(Math.max(1, Math.round(share * count)), count - 1);

const orderOf = (count: number, seed: number): Uint32Array =>
  randomPermutation(count, seed, STREAM);

/** The indices of the images that holdOut holds out of `count`. */
export const heldOutIndices = (count: number, share: number, seed: number): Uint32Array =>
  orderOf(count, seed).slice(0, heldCount(count, share)).sort();

/**
 * Holds a share of the training images out, at least one and never all. They choose the best epoch, so that the test
 * images stay unseen until the end. The choice depends only on the seed and the number of images.
 * @throws QpruneError (usage) for fewer than two training images.
 */
export const holdOut = (dataSet: DataSet, share: number, seed: number): DataSet => {
  const { count } = dataSet.train;
  if (count < 2) {
    throw usageError(
      `${count} training images cannot be split.`,
      "Train on more images, or hold none out.",
      { code: "too-few-images-to-split" },
    );
  }
  const held = heldCount(count, share);
  return {
    ...dataSet,
    train: subset(dataSet.train, orderOf(count, seed).slice(held).sort()),
    validation: subset(dataSet.train, heldOutIndices(count, share, seed)),
  };
};
