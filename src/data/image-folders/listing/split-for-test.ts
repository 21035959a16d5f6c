import { createHash } from "node:crypto";
import { usageError } from "../../../base/errors.js";
import { visibleText } from "../../../base/visible-text.js";
import type { ImageList, ListedImage } from "./list-images.js";

/** The share of each class of a plain folder that is kept for testing. */
export const TEST_SHARE = 0.2;

const rank = ({ name }: ListedImage): string => createHash("sha256").update(name).digest("hex");

/**
 * Splits the images of a folder without a test part: of each class the share TEST_SHARE, at least one image, is for
 * testing. A hash of the names alone decides which, so every command and run leaves the same images out of training.
 * @throws QpruneError (usage) for a class with one image.
 */
export const splitForTest = (list: ImageList): { train: ImageList; test: ImageList } => {
  const split = list.byClass.map((images, label) => {
    if (images.length < 2) {
      throw usageError(
        `${visibleText(list.folder)}: the class ${visibleText(list.classNames[label] ?? "")} has one image, which cannot be used both for training and for testing.`,
        "Give it at least two images, or lay the images out under train/ and val/.",
      );
    }
    const ranks = new Map(images.map((image) => [image, rank(image)]));
    const sorted = [...images].sort((a, b) =>
      (ranks.get(a) ?? "") < (ranks.get(b) ?? "") ? -1 : 1,
    );
    const tested = new Set(sorted.slice(0, Math.max(1, Math.round(TEST_SHARE * images.length))));
    return {
      train: images.filter((image) => !tested.has(image)),
      test: images.filter((image) => tested.has(image)),
    };
  });
  return {
    train: { ...list, byClass: split.map(({ train }) => train) },
    test: { ...list, byClass: split.map(({ test }) => test), notes: [] },
  };
};
