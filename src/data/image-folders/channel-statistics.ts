import type { DataSetInfo, ImageSet } from "../data-set.js";
import { imageReader } from "../image-reader.js";
import { BYTE_VALUES } from "../normalization-table.js";

/** Images enough to measure mean and deviation to the fourth digit. */
const MAX_IMAGES = 20_000;
/** The least deviation: a set of black images would otherwise be divided by 0. */
const MIN_STD = 1 / 255;

/** Rounded to four digits, so that the result does not depend on the order of summation. */
const rounded = (value: number): number => Number(value.toFixed(4));

/** Mean and standard deviation of one channel, of values in [0, 1]. */
const statisticsOf = (histogram: Float64Array): { mean: number; std: number } => {
  let count = 0;
  let sum = 0;
  let squares = 0;
  histogram.forEach((pixels, value) => {
    count += pixels;
    sum += (pixels * value) / 255;
    squares += pixels * (value / 255) ** 2;
  });
  const mean = sum / count;
  return { mean, std: Math.max(MIN_STD, Math.sqrt(Math.max(0, squares / count - mean ** 2))) };
};

/**
 * Mean and standard deviation of each channel over the first images of a set, of pixel values in [0, 1], rounded to four
 * digits.
 *
 * @param side of the stored images, in pixels
 */
export const channelStatistics = (
  set: ImageSet,
  side: number,
): Pick<DataSetInfo, "mean" | "std"> => {
  const read = imageReader(set, side * side * 3);
  const histograms = [0, 1, 2].map(() => new Float64Array(BYTE_VALUES));
  const [red, green, blue] = histograms as [Float64Array, Float64Array, Float64Array];
  for (let sample = 0; sample < Math.min(set.count, MAX_IMAGES); sample++) {
    const pixels = read(set.places ? (set.places[sample] as number) : sample);
    for (let offset = 0; offset < pixels.length; offset += 3) {
      (red[pixels[offset] as number] as number)++;
      (green[pixels[offset + 1] as number] as number)++;
      (blue[pixels[offset + 2] as number] as number)++;
    }
  }
  const each = histograms.map(statisticsOf);
  const three = (what: "mean" | "std"): [number, number, number] =>
    each.map((statistics) => rounded(statistics[what])) as [number, number, number];
  return { mean: three("mean"), std: three("std") };
};
