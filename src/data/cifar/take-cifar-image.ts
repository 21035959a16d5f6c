import type { ImageSet } from "../data-set.js";
import { CIFAR_IMAGE_BYTES, type Cifar } from "./cifar.js";
import { foreignCifarLabel } from "./cifar-errors.js";

/** An image as stored in CIFAR's files. */
export interface CifarImage {
  /** In the order of the data set's labelBytes; the last is the class. */
  readonly labels: ArrayLike<unknown>;
  /** The red, green and blue planes. */
  readonly planes: Uint8Array;
  /** File and position, for error messages. */
  readonly where: string;
}

const isLabel = (value: unknown, classes: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value < classes;

/**
 * Copies an image into `set` at `index`, converting planes to interleaved pixels.
 * @throws QpruneError for a label that the data set does not have.
 */
export const takeCifarImage = (
  cifar: Cifar,
  set: ImageSet,
  index: number,
  { labels, planes, where }: CifarImage,
): void => {
  cifar.labelBytes.forEach(({ name, classes }, position) => {
    const label = labels[position];
    if (!isLabel(label, classes)) {
      throw foreignCifarLabel(
        `${where} has the ${name} ${label}: expected 0 to ${classes - 1} (${cifar.title}).`,
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
