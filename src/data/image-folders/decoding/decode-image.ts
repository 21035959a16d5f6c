import { createHash } from "node:crypto";
import type { Metadata } from "sharp";
import type { FilePath } from "../../../files/file-path.js";
import { imageProblem } from "./check-image.js";
import { DamagedImage } from "./damaged-image.js";
import type { ImageFormat } from "./file-format.js";
import type { loadSharp } from "./load-sharp.js";
import { readImageFile } from "./read-image-file.js";

/**
 * How an image becomes a square of `side` pixels: `middle` scales it so that the square is filled and cuts off
 * what stands out on both sides; `squeezed` keeps all of it, whatever its proportions.
 */
export interface ImageView {
  readonly kind: "middle" | "squeezed";
  readonly side: number;
}

/** An image as it is used. */
export interface DecodedImage {
  /** [side, side, 3]: red, green, blue. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Width over height of the image as it was, upright. */
  readonly ratio: number;
  /** SHA-256 of the file. */
  readonly digest: string;
}

/** The first line of what the decoder says, which repeats itself. */
const reasonOf = (error: unknown): string =>
  ((error as Error).message.split("\n")[0] ?? "").replace(/^Input buffer /, "it ");

/** A WebP image of more pixels would take 400 MB: 8 bytes a pixel. */
const MAX_WHOLE_WEBP_PIXELS = 50_000_000;

/**
 * Whether the decoder may scale while it decodes, as far as it can. Its own scaling of WebP is coarser than that of other
 * formats (up to 31 of 255 apart), so that equal pictures would not stay equal. JPEG is always decoded at a half, quarter or
 * eighth where that leaves at least twice the size that is asked for.
 */
const scalesFast = (format: ImageFormat, { width, height }: Metadata): boolean =>
  format === "WebP" && width * height > MAX_WHOLE_WEBP_PIXELS;

/**
 * Decodes an image file of any size: turned as its EXIF tag says, in sRGB, of animations and stacks the first
 * frame, transparent parts on black. Files of one picture without loss decode to the same bytes in every format.
 * @throws DamagedImage where it is none, not whole, or too large.
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
    if (square.length !== side * side * 3) throw new Error("it has an unknown kind of colors");
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
