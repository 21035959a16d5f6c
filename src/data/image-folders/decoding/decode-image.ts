import { createHash } from "node:crypto";
import type { Metadata } from "sharp";
import type { FilePath } from "../../../files/file-path.js";
import { imageProblem } from "./check-image.js";
import { DamagedImage } from "./damaged-image.js";
import type { ImageFormat } from "./file-format.js";
import type { loadSharp } from "./load-sharp.js";
import { readImageFile } from "./read-image-file.js";

/**
 * How an image becomes a square of `side` pixels. `middle` scales it until it fills the square and crops the rest;
 * `squeezed` keeps the whole image and changes its aspect ratio.
 */
export interface ImageView {
  readonly kind: "middle" | "squeezed";
  readonly side: number;
}

/** A decoded image. */
export interface DecodedImage {
  /** [side, side, 3]: red, green, blue. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Width over height of the original image, upright. */
  readonly ratio: number;
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

/**
 * Decodes an image file of any size, rotated by its EXIF tag, in sRGB, with transparent parts on black; of animations and
 * stacks the first frame. Lossless files of one picture decode to the same bytes in every format.
 * @throws DamagedImage if the file is no image, incomplete, or too large.
 */
export const decodeImage = async (
  sharp: Awaited<ReturnType<typeof loadSharp>>,
  path: FilePath,
  { kind, side }: ImageView,
): Promise<DecodedImage> => {
  const { bytes, format } = await readImageFile(path);
  try {
    const image = sharp(bytes, { failOn: "error", limitInputPixels: false });
    const metadata = await image.metadata();
    const problem = imageProblem(format, metadata);
    if (problem) throw new DamagedImage(problem);
    const fit = kind === "middle" ? "cover" : "fill";
    const square = await image
      .autoOrient()
      .resize(side, side, { fit, fastShrinkOnLoad: scalesFast(format, metadata) })
      .flatten({ background: "black" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer();
    if (square.length !== side * side * 3) throw new Error("its colors are of an unknown kind");
    return {
      pixels: new Uint8Array(square),
      ratio: metadata.autoOrient.width / metadata.autoOrient.height,
      digest: createHash("sha256").update(bytes).digest("hex"),
    };
  } catch (error) {
    if (error instanceof DamagedImage) throw error;
    throw new DamagedImage(reasonOf(error));
  }
};
