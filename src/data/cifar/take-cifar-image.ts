import { QpruneError } from "../../base/errors.js";
import type { ImageSet } from "../data-set.js";
import { CIFAR_IMAGE_BYTES, type Cifar } from "./cifar.js";

/** An image as CIFAR's files have it. */
export interface CifarImage {
  /** In the order of the data set's labelBytes; the last is the class. */
  readonly labels: ArrayLike<unknown>;
  /** The red, the green and the blue plane. */
  readonly planes: Uint8Array;
  /** File and place, for an error. */
  readonly where: string;
}

const isLabel = (value: unknown, classes: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value < classes;

/**
 * Puts an image into its place in `set`, pixel by pixel.
 * @throws QpruneError for a label that the data set does not have.
 */
export const takeCifarImage = (
  cifar: Cifar,
  set: ImageSet,
  index: number,
  { labels, planes, where }: CifarImage,
): void => {
  cifar.labelBytes.forEach(({ name, classes }, place) => {
    const label = labels[place];
    if (!isLabel(label, classes)) {
      throw new QpruneError(
        `${where} has the ${name} ${label}: expected 0 to ${classes - 1} (${cifar.title}).`,
        { hint: "The file is damaged or belongs to another data set; fetch it with --download." },
      );
    }
    set.labels[index] = label;
  });
  const { images } = set;
  const pixels = CIFAR_IMAGE_BYTES / 3;
  let to = index * CIFAR_IMAGE_BYTES;
  for (let from = 0; from < pixels; from++) {
    images[to++] = planes[from] as number;
    images[to++] = planes[from + pixels] as number;
    images[to++] = planes[from + 2 * pixels] as number;
  }
};
