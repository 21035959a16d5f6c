import { stat } from "node:fs/promises";
import { join } from "node:path";
import { withOpenFile } from "../../../files/reading/with-open-file.js";
import { createImageSet } from "../../create-image-set.js";
import type { ImageSet } from "../../data-set.js";
import { CIFAR_IMAGE_BYTES, type Cifar } from "../cifar.js";
import { incompleteCifar } from "../cifar-errors.js";
import { takeCifarImage } from "../take-cifar-image.js";
import {
  type CifarPickle,
  maxCifarPickleBytes,
  notCifarPickle,
  parseCifarPickle,
} from "./parse-cifar-pickle.js";

const readFile = (cifar: Cifar, path: string, maxImages: number): Promise<CifarPickle> =>
  withOpenFile(path, async ({ size, read }) => {
    const most = maxCifarPickleBytes(maxImages);
    if (size > most) throw notCifarPickle(cifar, path, `it has ${size} bytes (limit: ${most})`);
    return parseCifarPickle(cifar, await read(0, size), path, maxImages);
  });

/** Copies the first `count` images of a file into `set`, beginning at index `start`. */
const takeImages = (
  cifar: Cifar,
  { planes, labels }: CifarPickle,
  path: string,
  set: ImageSet,
  start: number,
  count: number,
): void => {
  for (let index = 0; index < count; index++) {
    const begin = index * CIFAR_IMAGE_BYTES;
    takeCifarImage(cifar, set, start + index, {
      labels: labels.map((list) => list[index]),
      planes: planes.subarray(begin, begin + CIFAR_IMAGE_BYTES),
      where: `${path}: image ${index + 1}`,
    });
  }
};

/** The files that are missing in a folder. */
const missingFiles = async (folder: string, files: readonly string[]): Promise<string[]> => {
  const found = await Promise.all(files.map((file) => stat(join(folder, file)).catch(() => null)));
  return files.filter((_, index) => found[index] === null);
};

/**
 * Reads the first `limit` images from files of the Python version, in order, each with at most `maxImages` images.
 * Files past the limit need not exist.
 * @throws QpruneError for a missing or damaged file and for a label out of range.
 */
export const readCifarPython = async (
  cifar: Cifar,
  folder: string,
  files: readonly string[],
  maxImages: number,
  limit: number,
): Promise<ImageSet> => {
  const parts: { path: string; pickle: CifarPickle; count: number }[] = [];
  const missing = await missingFiles(folder, files);
  let total = 0;
  for (const file of files) {
    if (total >= limit) break;
    if (missing.includes(file)) throw incompleteCifar(cifar, folder, missing, files);
    const path = join(folder, file);
    const pickle = await readFile(cifar, path, maxImages);
    parts.push({ path, pickle, count: Math.min(pickle.count, limit - total) });
    total += pickle.count;
  }
  const set = createImageSet(Math.min(total, limit), CIFAR_IMAGE_BYTES);
  let start = 0;
  for (const { path, pickle, count } of parts) {
    takeImages(cifar, pickle, path, set, start, count);
    start += count;
  }
  return set;
};
