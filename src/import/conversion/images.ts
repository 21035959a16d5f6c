import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { quoted, visibleText } from "../../base/visible-text.js";
import { IMAGES, type ImageShape } from "../../graph/graph-draft.js";
import { MAX_IMAGE_SIDE } from "../../graph/limits.js";
import type { ImportOptions } from "../imported-model.js";
import { plainView, transposed } from "../operators/strided-view.js";
import { type Computed, computed } from "../operators/value.js";

/** The input of a file. */
export interface Images {
  readonly name: string;
  readonly shape: ImageShape;
  /** The number of images in the shapes of the file; 1 if it is left open. */
  readonly batch: number;
  readonly view: Computed;
}

/** More channels than images have, so that a last axis with fewer is that of channels. */
const MAX_COLORS = 4;
const MAX_BATCH = 4096;

const refuse = (where: string, problem: string, hint: string): QpruneError =>
  new QpruneError(`${where}: ${problem}.`, { kind: "usage", hint });

/** The sides of an input with four axes; undefined where a file leaves them open. */
export type InputSides = readonly [
  images: number | undefined,
  number | undefined,
  number | undefined,
  number | undefined,
];

/** An input of a file. */
export interface ImageInput {
  readonly name: string;
  readonly sides: InputSides;
  /** Whether channels are the last axis; undefined if that follows from the sides. */
  readonly isChannelsLast?: boolean;
}

/** The sides of an input, of which those that are not positive are open. @throws QpruneError if it does not have 4 axes. */
export const inputSides = (
  name: string,
  sides: readonly (number | null | undefined)[] | undefined,
  where: string,
): InputSides => {
  const known = sides?.map((side) => (side && side > 0 ? side : undefined));
  if (known?.length === 4) return known as unknown as InputSides;
  throw refuse(
    where,
    `its input ${quoted(name)} is not a batch of images in floats with 4 axes`,
    "Export it with images as its only input.",
  );
};

/** The only input of a file. @throws QpruneError (usage) if it has several or none. */
export const onlyImages = <T>(
  inputs: readonly T[],
  nameOf: (input: T) => string,
  where: string,
): T => {
  const [only] = inputs;
  if (only !== undefined && inputs.length === 1) return only;
  const names = inputs.map((input) => quoted(nameOf(input))).join(", ");
  throw refuse(
    where,
    `it has ${inputs.length} inputs${names === "" ? "" : ` (${names})`}; a net has one, its images`,
    "Export it with images as its only input.",
  );
};

const guessesLast = ([, second, , last]: InputSides): boolean =>
  last !== undefined && last <= MAX_COLORS && (second === undefined || second > MAX_COLORS);

/**
 * The images that a file takes, channels first or last.
 * @throws QpruneError (usage) if its input is not images, or it leaves their size open and none is given.
 */
export const imagesOf = (
  { name, sides, isChannelsLast }: ImageInput,
  where: string,
  { imageSize }: ImportOptions,
): Images => {
  const [batch = 1, second, third, last] = sides;
  const isLast = isChannelsLast ?? guessesLast(sides);
  const [channels, ...given] = isLast ? [last, second, third] : [second, third, last];
  const [height, width] = given.map((side) => side ?? imageSize);
  if (channels === undefined || height === undefined || width === undefined) {
    const what = channels === undefined ? "the number of channels" : "the size";
    throw refuse(
      where,
      `it does not specify ${what} of its images`,
      channels === undefined
        ? "Export it for images with 3 channels."
        : `Convert it with ${option("image_size")} PIXELS, or export it for images of one size.`,
    );
  }
  if (
    Math.max(height, width) > MAX_IMAGE_SIDE ||
    Math.max(batch, channels) > MAX_BATCH ||
    ![batch, height, width, channels].every(Number.isSafeInteger)
  )
    throw refuse(
      where,
      visibleText(`it takes ${batch} images of ${height}x${width}`),
      `Export it for images of at most ${MAX_IMAGE_SIDE}x${MAX_IMAGE_SIDE}.`,
    );
  const plain = plainView(IMAGES, [height, width, channels], batch);
  return {
    name,
    shape: { height, width, channels },
    batch,
    view: computed(isLast ? transposed(plain, [0, 2, 3, 1]) : plain),
  };
};
