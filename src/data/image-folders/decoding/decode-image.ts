import { createHash } from "node:crypto";
import type { Metadata, Sharp } from "sharp";
import type { FilePath } from "../../../files/file-path.js";
import { middleCrop } from "../../resizing/middle-crop.js";
import { imageResizer } from "../../resizing/resize-image.js";
import { imageProblem } from "./check-image.js";
import { DamagedImage } from "./damaged-image.js";
import type { ImageFormat } from "./file-format.js";
import type { ImageView } from "./image-view.js";
import type { loadSharp } from "./load-sharp.js";
import { readImageFile } from "./read-image-file.js";

/** A decoded image. */
export interface DecodedImage {
  /** [side, side, 3]: red, green, blue. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Width over height of the original image, upright. */
  readonly ratio: number;
  /** Sides of the original image in pixels, upright. */
  readonly original: { readonly height: number; readonly width: number };
  /** SHA-256 of the file. */
  readonly digest: string;
}

/** The first line of the decoder's message; the further lines repeat it. */
const reasonOf = (error: unknown): string =>
  ((error as Error).message.split("\n")[0] ?? "").replace(/^Input buffer /, "it ");

/** Decoding a WebP image takes 8 bytes per pixel; a larger one would take more than 400 MB. */
const MAX_WHOLE_WEBP_PIXELS = 50_000_000;

/**
 * Whether the decoder may scale during decoding as far as it can. Its scaling of WebP is coarser than that of other
 * formats (differences up to 31 of 255), so the same picture in two formats would decode differently. JPEG is always
 * decoded at 1/2, 1/4 or 1/8 of its size if at least twice the requested size remains.
 */
const scalesFast = (format: ImageFormat, { width, height }: Metadata): boolean =>
  format === "WebP" && width * height > MAX_WHOLE_WEBP_PIXELS;

/** An image in memory takes 3 bytes per pixel; larger ones are first reduced to this size by the decoder. */
const MAX_EXACT_PIXELS = 50_000_000;

/** What is known of an image before it is decoded; `isFast`: see scalesFast. */
interface Decoding {
  readonly metadata: Metadata;
  readonly isFast: boolean;
}

interface RawImage {
  /** [height, width, 3] */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** The pixels of an image in sRGB. */
const rawPixels = async (image: Sharp): Promise<RawImage> => {
  const { data, info } = await image
    .flatten({ background: "black" })
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const { height, width } = info;
  if (data.length !== height * width * 3) throw new Error("its color space is unknown");
  return { pixels: data, height, width };
};

/** Decodes an image at its full size, then scales and crops it. */
const evaluatedPixels = async (
  image: Sharp,
  view: Extract<ImageView, { kind: "evaluated" }>,
  { metadata, isFast }: Decoding,
): Promise<Uint8Array<ArrayBuffer>> => {
  const { width, height } = metadata.autoOrient;
  const reduction = Math.sqrt(MAX_EXACT_PIXELS / (width * height));
  const reduced =
    reduction < 1
      ? image.resize(Math.ceil(width * reduction), Math.ceil(height * reduction), {
          fit: "fill",
          fastShrinkOnLoad: isFast,
        })
      : image;
  const { pixels, ...from } = await rawPixels(reduced);
  const { to, window } = middleCrop(from, view);
  return imageResizer({ from, to, window, interpolation: view.interpolation })(pixels);
};

const viewPixels = async (
  image: Sharp,
  view: ImageView,
  decoding: Decoding,
): Promise<Uint8Array<ArrayBuffer>> => {
  if (view.kind === "evaluated") return evaluatedPixels(image, view, decoding);
  const { kind, side } = view;
  const fit = kind === "middle" ? "cover" : "fill";
  const square = image.resize(side, side, { fit, fastShrinkOnLoad: decoding.isFast });
  return new Uint8Array((await rawPixels(square)).pixels);
};

/**
 * Decodes an image file of any size, rotated by its EXIF tag, in sRGB, with transparent parts on black; of animations and
 * stacks the first frame. Lossless files of one picture decode to the same bytes in every format.
 * @throws DamagedImage if the file is no image, incomplete, or too large.
 */
export const decodeImage = async (
  sharp: Awaited<ReturnType<typeof loadSharp>>,
  path: FilePath,
  view: ImageView,
): Promise<DecodedImage> => {
  const { bytes, format } = await readImageFile(path);
  try {
    const image = sharp(bytes, { failOn: "error", limitInputPixels: false });
    const metadata = await image.metadata();
    const problem = imageProblem(format, metadata);
    if (problem) throw new DamagedImage(problem);
    const decoding = { metadata, isFast: scalesFast(format, metadata) };
    return {
      pixels: await viewPixels(image.autoOrient(), view, decoding),
      ratio: metadata.autoOrient.width / metadata.autoOrient.height,
      original: { height: metadata.autoOrient.height, width: metadata.autoOrient.width },
      digest: createHash("sha256").update(bytes).digest("hex"),
    };
  } catch (error) {
    if (error instanceof DamagedImage) throw error;
    throw new DamagedImage(reasonOf(error));
  }
};
