import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { QpruneError } from "../base/errors.js";
import { createImageSet } from "./create-image-set.js";
import type { DataSetInfo, ImageSet } from "./data-set.js";
import { readIdx } from "./read-idx.js";
import { imageResizer } from "./resizing/resize-image.js";

/** The side of an image in the files, and the width of the black frame that makes it 32x32. */
const SIDE = 28;
const FRAME = 2;
const FRAMED_SIDE = SIDE + 2 * FRAME;

/** The handwritten digits that ship with the package: gray images as three equal channels. */
export const DIGITS_INFO: DataSetInfo = {
  name: "digits",
  channels: 3,
  height: FRAMED_SIDE,
  width: FRAMED_SIDE,
  // Measured over all pixels of the framed training images.
  mean: [0.1005, 0.1005, 0.1005],
  std: [0.2757, 0.2757, 0.2757],
  // A mirrored digit is a different character.
  augmentation: { cropPadding: 2, mirror: false },
  classNames: "0 1 2 3 4 5 6 7 8 9".split(" "),
};

/** The package's own data/digits; the path is the same from src/data and dist/data. */
export const DIGITS_FOLDER = fileURLToPath(new URL("../../data/digits", import.meta.url));

/** The side of a digit without its frame, in pixels. */
export const DIGIT_SIDE = SIDE;

/** Puts a digit of [28, 28, 3] bytes into its black frame: [32, 32, 3]. */
export const frameDigit = (pixels: Uint8Array): Uint8Array => {
  const framed = new Uint8Array(FRAMED_SIDE * FRAMED_SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    const row = pixels.subarray(y * SIDE * 3, (y + 1) * SIDE * 3);
    framed.set(row, ((y + FRAME) * FRAMED_SIDE + FRAME) * 3);
  }
  return framed;
};

/** Returns a function that scales framed digits to a net's squares of `side` pixels, as for its training. */
export const digitScaler = (side: number): ((pixels: Uint8Array) => Uint8Array) => {
  if (side === FRAMED_SIDE) return (pixels) => pixels;
  const to = { height: side, width: side };
  return imageResizer({ from: DIGITS_INFO, to, interpolation: "bilinear" });
};

/** Frames a gray image with black and repeats it in three channels. */
const frameImage = (gray: Uint8Array, set: ImageSet, index: number): void => {
  const start = index * FRAMED_SIDE * FRAMED_SIDE * 3;
  for (let y = 0; y < SIDE; y++) {
    let to = start + ((y + FRAME) * FRAMED_SIDE + FRAME) * 3;
    for (let x = 0; x < SIDE; x++, to += 3) {
      set.images.fill(gray[y * SIDE + x] as number, to, to + 3);
    }
  }
};

/**
 * Reads the first `limit` images and labels of the part called `train` or `t10k` (MNIST's name for the test part).
 * @throws QpruneError for missing or damaged files.
 */
export const readDigits = async (
  folder: string,
  part: "train" | "t10k",
  limit: number,
): Promise<ImageSet> => {
  const imagesPath = join(folder, `${part}-images-idx3-ubyte.gz`);
  const labelsPath = join(folder, `${part}-labels-idx1-ubyte.gz`);
  const [images, labels] = await Promise.all([readIdx(imagesPath, 3), readIdx(labelsPath, 1)]);
  const [count = 0, height, width] = images.shape;
  if (height !== SIDE || width !== SIDE || labels.shape[0] !== count) {
    throw new QpruneError(
      `${imagesPath} has the shape ${images.shape.join("x")} and ${labelsPath} ${labels.shape.join("x")}: expected the same number of ${SIDE}x${SIDE} images and labels.`,
    );
  }
  const wrong = labels.values.findIndex((label) => label > 9);
  if (wrong >= 0) {
    throw new QpruneError(
      `${labelsPath}: label ${wrong + 1} is ${labels.values[wrong]}, expected 0 to 9.`,
    );
  }
  const set = createImageSet(Math.min(count, limit), FRAMED_SIDE * FRAMED_SIDE * 3);
  set.labels.set(labels.values.subarray(0, set.count));
  for (let index = 0; index < set.count; index++) {
    const image = images.values.subarray(index * SIDE * SIDE, (index + 1) * SIDE * SIDE);
    frameImage(image, set, index);
  }
  return set;
};
