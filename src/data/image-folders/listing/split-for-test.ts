import { createHash } from "node:crypto";
import { usageError } from "../../../base/errors.js";
import { visibleText } from "../../../base/visible-text.js";
import type { ImageList, ListedImage } from "./list-images.js";

/** Of a plain folder, the share of each class that tests are made on. */
export const TEST_SHARE = 0.2;

const rank = ({ name }: ListedImage): string => createHash("sha256").update(name).digest("hex");

/**
 * Splits the images of a folder without a test part: of each class the share TEST_SHARE, at least one image,
 * is for testing. Which ones is decided by a hash of their names alone, so that every command and every run
 * leaves the same ones out of training.
 * @throws QpruneError (usage) for a class of one image.
 */
export const splitForTest = (list: ImageList): { train: ImageList; test: ImageList } => {
  const split = list.byClass.map((images, at) => {
    if (images.length < 2) {
      throw usageError(
        `${visibleText(list.folder)}: the class ${visibleText(list.classNames[at] ?? "")} has one image, which cannot be trained and tested on.`,
        "Give it at least two, or lay the images out under train/ and val/.",
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
