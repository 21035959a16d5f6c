import { usageError } from "../../base/errors.js";
import type { DataSetInfo } from "../../data/data-set.js";
import { DIGITS_FOLDER, DIGITS_INFO, digitScaler, readDigits } from "../../data/digits.js";
import { drawDigitsDetection } from "../../data/digits-detection/digits-detection.js";
import { decodeForNet, type NetImage } from "../../data/image-folders/decoding/decode-for-net.js";
import { folderPatterns } from "./folder-patterns.js";

/** An image that the user named, with its pixels or what is wrong with it. */
export type InputImage = { readonly name: string } & (
  | NetImage
  /** A folder; `patterns` are shell patterns for the images in it. */
  | { readonly damage: string; readonly patterns: readonly string[] }
);

const folderDamage = async (name: string) => {
  const patterns = await folderPatterns(name);
  if (!patterns) return undefined;
  const images = patterns.length > 0 ? `; its images are ${patterns.join(" ")}` : " without images";
  return { damage: `it is a folder${images}`, patterns };
};

const DIGIT = /^digits:(\d+)$/;

/** The number of a name such as digits:3. */
const numberOf = (name: string): number => Number(DIGIT.exec(name)?.[1] ?? Number.NaN);

/** A function that returns the pixels of test scene N for `digits:N`. */
const scenesOf = async (names: readonly string[], { height: side }: DataSetInfo) => {
  const numbers = names.map(numberOf);
  const { images, count } = await drawDigitsDetection({
    part: "t10k",
    limit: Math.max(...numbers) + 1,
    side,
    used: (scenes) => Uint32Array.from(new Set(numbers.filter((number) => number < scenes))),
  });
  const bytes = side * side * 3;
  return (name: string): NetImage | undefined => {
    const number = numberOf(name);
    if (Number.isNaN(number)) return undefined;
    return number < count
      ? { pixels: images.subarray(number * bytes, (number + 1) * bytes) }
      : { damage: `the scenes of digits have test images 0 to ${count - 1}` };
  };
};

/** A function that returns the pixels of `digits:N`; the built-in digits are read only if one is named. */
const digitsOf = async (names: readonly string[], info: DataSetInfo) => {
  const wanted = names.filter((name) => DIGIT.test(name));
  if (wanted.length === 0) return () => undefined;
  if (info.name === "digits-detection") return scenesOf(wanted, info);
  const isOtherSize = info.height !== DIGITS_INFO.height || info.width !== DIGITS_INFO.width;
  if (isOtherSize && info.name !== DIGITS_INFO.name) {
    throw usageError(
      `The net takes images of ${info.width}x${info.height} pixels, but the digits have ${DIGITS_INFO.width}x${DIGITS_INFO.height}.`,
      "Name image files instead.",
    );
  }
  const { images, count } = await readDigits(DIGITS_FOLDER, "t10k", Number.POSITIVE_INFINITY);
  const bytes = DIGITS_INFO.height * DIGITS_INFO.width * DIGITS_INFO.channels;
  const scale = digitScaler(info.height);
  return (name: string): NetImage | undefined => {
    const number = numberOf(name);
    if (Number.isNaN(number)) return undefined;
    return number < count
      ? { pixels: scale(images.subarray(number * bytes, (number + 1) * bytes)) }
      : { damage: `the built-in digits have test images 0 to ${count - 1}` };
  };
};

/** Fewer files are decoded before threads for them would have started. */
const LEAST_FILES = 8;

/**
 * The images that the user named, in batches: `digits:N`, and files, which are decoded for the net.
 * @throws QpruneError if files are named and the decoder is not installed.
 */
export async function* inputImages(
  names: readonly string[],
  info: DataSetInfo,
  { batchSize, workers }: { readonly batchSize: number; readonly workers: number },
): AsyncGenerator<InputImage[]> {
  const digit = await digitsOf(names, info);
  const files = names.filter((name) => !DIGIT.test(name)).length;
  const threads = files < LEAST_FILES ? 0 : workers;
  const decoder = files > 0 ? await decodeForNet(info, threads) : undefined;
  const read = async (name: string): Promise<InputImage> => {
    const image = digit(name) ?? (await folderDamage(name)) ?? (await decoder?.decode(name));
    return { name, ...(image ?? { damage: "it was not decoded" }) };
  };
  try {
    for (let start = 0; start < names.length; start += batchSize) {
      const some = names.slice(start, start + batchSize);
      yield await Promise.all(some.map(read));
    }
  } finally {
    await decoder?.close();
  }
}
