import { QpruneError } from "../base/errors.js";
import type { DataSetInfo } from "../data/data-set.js";
import { BYTE_VALUES, normalizationTable } from "../data/normalization-table.js";
import { middleCrop } from "../data/resizing/middle-crop.js";
import { imageResizer } from "../data/resizing/resize-image.js";

/** Pixels as a page has them: rows of red, green, blue and alpha bytes. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * Images for a net of [height, width, 3]:
 * - an image of any size (ImageData of a page), or several: scaled and cropped as the net's preparation specifies, or squeezed for a
 *   detector, which sees all of it
 * - bytes [images, height, width, 3]: normalized
 * - floats [images, height, width, 3]: normalized already
 */
export type ImageInput = RgbaImage | readonly RgbaImage[] | Uint8Array | Float32Array;

/** Writes an image's inputs. */
type Fill = (input: Float32Array) => void;

interface Sides {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Most pixels of a side of an image: what pages can draw. */
const MOST_SIDE = 32768;
const RGB = 3;
const RGBA = 4;

/** The side of a handwritten digit, and the black frame around it, in pixels (see data/digits.ts). */
const DIGIT = { side: 28, frame: 2 } as const;

const refuse = (problem: string, hint: string): QpruneError => new QpruneError(problem, { hint });

/** Red, green and blue; what is transparent becomes black. */
const withoutAlpha = ({ width, height, data }: RgbaImage): Uint8Array => {
  const pixels = new Uint8Array(width * height * RGB);
  for (let from = 0, to = 0; to < pixels.length; from += RGBA, to += RGB) {
    const share = (data[from + RGB] as number) / 255;
    for (let channel = 0; channel < RGB; channel++)
      pixels[to + channel] = Math.round((data[from + channel] as number) * share);
  }
  return pixels;
};

const checkImage = ({ width, height, data }: RgbaImage): void => {
  const areSides = [width, height].every(
    (side) => Number.isInteger(side) && side > 0 && side <= MOST_SIDE,
  );
  if (areSides && data.length === width * height * RGBA) return;
  throw refuse(
    `An image of ${width}x${height} pixels has ${data.length} bytes of colors.`,
    `It needs 4 bytes for each pixel: red, green, blue and alpha, with at most ${MOST_SIDE} pixels on a side.`,
  );
};

/** The middle square of an image at the size of the net. */
const middleOf = (
  image: RgbaImage,
  { resizedSide, side }: { readonly resizedSide: number; readonly side: number },
  interpolation: "bilinear" | "bicubic",
): Uint8Array => {
  const { to, window } = middleCrop(image, { resizedSide, side });
  return imageResizer({ from: image, to, window, interpolation })(withoutAlpha(image));
};

/** A whole image, squeezed into the square of the net. */
const squeezed = (image: RgbaImage, side: number): Uint8Array => {
  const to = { height: side, width: side };
  return imageResizer({ from: image, to, interpolation: "bilinear" })(withoutAlpha(image));
};

/** A digit in its black frame. */
const framed = (digit: Uint8Array): Uint8Array => {
  const { side, frame } = DIGIT;
  const whole = side + 2 * frame;
  const pixels = new Uint8Array(whole * whole * RGB);
  for (let row = 0; row < side; row++)
    pixels.set(
      digit.subarray(row * side * RGB, (row + 1) * side * RGB),
      ((row + frame) * whole + frame) * RGB,
    );
  return pixels;
};

/** An image as the bytes of a net's input. */
const bytesOf = (image: RgbaImage, info: DataSetInfo, { height: side }: Sides): Uint8Array => {
  checkImage(image);
  if (info.hasBoxes) return squeezed(image, side);
  const isDigit = info.name === "digits" && side === DIGIT.side + 2 * DIGIT.frame;
  if (isDigit)
    return framed(middleOf(image, { resizedSide: DIGIT.side, side: DIGIT.side }, "bilinear"));
  const { resizedSide = side, interpolation = "bilinear" } = info.evaluation ?? {};
  return middleOf(image, { resizedSide, side }, interpolation);
};

const isBatch = (images: ImageInput): images is Uint8Array | Float32Array =>
  ArrayBuffer.isView(images);

const isList = (images: ImageInput): images is readonly RgbaImage[] => Array.isArray(images);

/** Returns a function that prepares images for a net, one function per image. */
export const imagePreparer = (
  info: DataSetInfo,
  sides: Sides,
): ((images: ImageInput) => readonly Fill[]) => {
  const { height, width, channels } = sides;
  const size = height * width * channels;
  const table = normalizationTable(info);
  const normalize =
    (bytes: Uint8Array): Fill =>
    (input) => {
      for (let at = 0; at < size; at++)
        input[at] = table[(at % channels) * BYTE_VALUES + (bytes[at] as number)] as number;
    };
  const split = (batch: Uint8Array | Float32Array): Fill[] => {
    const count = batch.length / size;
    if (!Number.isInteger(count) || count === 0)
      throw refuse(
        `${batch.length} numbers are no images of ${height}x${width}x${channels}.`,
        `Give ${size} numbers for each image: rows of pixels with ${channels} channels.`,
      );
    return Array.from({ length: count }, (_, at) => {
      const own = batch.subarray(at * size, (at + 1) * size);
      return own instanceof Uint8Array ? normalize(own) : (input) => input.set(own);
    });
  };
  return (images) => {
    if (isBatch(images)) return split(images);
    const list = isList(images) ? images : [images];
    if (height !== width)
      throw refuse(
        `The net takes images of ${width}x${height} pixels; pictures are cropped only for squares.`,
        "Give the pixels as bytes or floats.",
      );
    return list.map((image) => normalize(bytesOf(image, info, sides)));
  };
};
