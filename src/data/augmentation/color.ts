import type { ImageSize } from "./strong-augmentation.js";

/** Operations on the colors of pixels [height, width, 3] from 0 to 255. Each returns new pixels. */

const WHITE = 255;
const LEVELS = 256;

const clamp = (value: number): number => Math.min(Math.max(value, 0), WHITE);

/** other + factor · (pixels - other), from 0 to 255. A factor of 1 leaves the pixels as they are. */
const blend = (pixels: Float32Array, other: (at: number) => number, factor: number): Float32Array =>
  pixels.map((value, at) => {
    const base = other(at);
    return clamp(base + factor * (value - base));
  });

/** The brightness of the pixel that contains value `at` (ITU-R BT.601). */
const grayAt = (pixels: Float32Array, at: number): number => {
  const first = at - (at % 3);
  return (
    0.299 * (pixels[first] as number) +
    0.587 * (pixels[first + 1] as number) +
    0.114 * (pixels[first + 2] as number)
  );
};

/** Black for a factor of 0. */
export const changeBrightness = (pixels: Float32Array, factor: number): Float32Array =>
  blend(pixels, () => 0, factor);

/** Gray for a factor of 0. */
export const changeSaturation = (pixels: Float32Array, factor: number): Float32Array =>
  blend(pixels, (at) => grayAt(pixels, at), factor);

/** The mean brightness everywhere for a factor of 0. */
export const changeContrast = (pixels: Float32Array, factor: number): Float32Array => {
  let sum = 0;
  for (let at = 0; at < pixels.length; at += 3) sum += grayAt(pixels, at);
  const mean = sum / (pixels.length / 3);
  return blend(pixels, () => mean, factor);
};

/** Smoothed by the kernel 1 1 1, 1 5 1, 1 1 1 (over 13) for a factor of 0. Pixels at the border stay as they are. */
export const changeSharpness = (
  pixels: Float32Array,
  { height, width }: ImageSize,
  factor: number,
): Float32Array => {
  const smoothAt = (at: number): number => {
    const pixel = Math.floor(at / 3);
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    if (y === 0 || x === 0 || y === height - 1 || x === width - 1) return pixels[at] as number;
    let sum = 4 * (pixels[at] as number);
    for (const row of [-1, 0, 1]) {
      for (const column of [-1, 0, 1]) sum += pixels[at + 3 * (row * width + column)] as number;
    }
    return sum / 13;
  };
  return blend(pixels, smoothAt, factor);
};

/** Keeps the highest bits of each value. */
export const posterize = (pixels: Float32Array, bits: number): Float32Array => {
  const step = 2 ** (8 - bits);
  return pixels.map((value) => step * Math.floor(Math.round(value) / step));
};

/** Inverts values from a threshold on. */
export const solarize = (pixels: Float32Array, threshold: number): Float32Array =>
  pixels.map((value) => (value >= threshold ? WHITE - value : value));

/** Applies a function of the values of one channel to each channel. */
const perChannel = (
  pixels: Float32Array,
  mappingOf: (values: Float32Array) => (value: number) => number,
): Float32Array => {
  const mappings = [0, 1, 2].map((channel) =>
    mappingOf(pixels.filter((_, at) => at % 3 === channel)),
  );
  return pixels.map((value, at) => (mappings[at % 3] as (value: number) => number)(value));
};

/** Stretches each channel to values from 0 to 255; a channel of one value stays as it is. */
export const autoContrast = (pixels: Float32Array): Float32Array =>
  perChannel(pixels, (values) => {
    const [least, most] = values.reduce(
      ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
      [WHITE, 0] as [number, number],
    );
    return most === least
      ? (value) => value
      : (value) => ((value - least) * WHITE) / (most - least);
  });

/** Spreads the values of each channel evenly, as Pillow's ImageOps.equalize does. */
export const equalize = (pixels: Float32Array): Float32Array =>
  perChannel(pixels, (values) => {
    const counts = new Uint32Array(LEVELS);
    for (const value of values) {
      const level = Math.round(value);
      counts[level] = (counts[level] as number) + 1;
    }
    const last = counts.findLast((count) => count > 0) ?? 0;
    const step = Math.floor((values.length - last) / WHITE);
    if (step === 0) return (value) => value;
    let before = Math.floor(step / 2);
    const table = counts.map((count) => {
      const level = Math.min(Math.floor(before / step), WHITE);
      before += count;
      return level;
    });
    return (value) => table[Math.round(value)] as number;
  });
