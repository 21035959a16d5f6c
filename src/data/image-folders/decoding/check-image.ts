import type { Metadata } from "sharp";
import type { ImageFormat } from "./file-format.js";

/** Larger images are decoded only if their format allows decoding in little memory. */
const MAX_WHOLE_PIXELS = 100_000_000;
/** The largest cameras produce 400 megapixels; a file that claims more is damaged or malicious. */
const MAX_PIXELS = 500_000_000;

/**
 * Whether decoding needs little memory: JPEG is decoded at an eighth of its size, WebP at the size of the result, PNG and
 * TIFF row by row. Images that store details in passes have to be decoded whole.
 */
const isStreamed = (format: ImageFormat, { isProgressive }: Metadata): boolean => {
  if (format === "JPEG" || format === "PNG") return !isProgressive;
  return format === "WebP" || format === "TIFF";
};

const MEGA = 1e6;

/** The format's name, including whether it stores details in passes. */
const kindOf = (format: ImageFormat, { isProgressive }: Metadata): string => {
  if (!isProgressive) return format;
  return format === "PNG" ? "interlaced PNG" : `progressive ${format}`;
};

const sizeProblem = (format: ImageFormat, metadata: Metadata): string | undefined => {
  const { width, height } = metadata;
  const most = isStreamed(format, metadata) ? MAX_PIXELS : MAX_WHOLE_PIXELS;
  if (width * height <= most) return undefined;
  const megapixels = ((width * height) / MEGA).toFixed(1);
  const other = most < MAX_PIXELS ? ", or as a baseline JPEG" : "";
  return `it has ${megapixels} megapixels (${width}x${height}), and the limit for ${kindOf(format, metadata)} is ${most / MEGA}: save it at a smaller size${other}`;
};

/** Most channels, transparency included; satellite and microscope images may have more. */
const MAX_CHANNELS = { cmyk: 5, other: 4 } as const;

const colorProblem = ({ depth, channels, space }: Metadata): string | undefined => {
  if (depth !== "uchar" && depth !== "ushort") {
    return `its values are of the type ${depth}, which does not define black and white: save it with 8 or 16 bits`;
  }
  return channels > MAX_CHANNELS[space === "cmyk" ? "cmyk" : "other"]
    ? `it has ${channels} channels: save the three to train on as an RGB image`
    : undefined;
};

/** Why an image of a supported format cannot be decoded: its size or its colors. Undefined if it can. */
export const imageProblem = (format: ImageFormat, metadata: Metadata): string | undefined =>
  sizeProblem(format, metadata) ?? colorProblem(metadata);
