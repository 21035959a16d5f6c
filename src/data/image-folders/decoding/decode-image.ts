import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { loadSharp } from "./load-sharp.js";

/** No camera makes more; a file that claims more is damaged or meant to fill the memory. */
export const MAX_IMAGE_PIXELS = 100_000_000;
/** A photograph of so many pixels is far below it. */
const MAX_IMAGE_BYTES = 256 * 1024 * 1024;

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

/** Why a file is not used: what is wrong with it, as the end of a sentence. */
export class DamagedImage extends Error {}

const startsWith = (bytes: Uint8Array, text: string, at = 0): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset + at, text.length).toString("latin1") === text;

/** Tells JPEG, PNG and WebP by their first bytes: whatever else the decoder reads is not given to it. */
const isImage = (bytes: Uint8Array): boolean =>
  bytes.length > 12 &&
  (startsWith(bytes, "\xff\xd8\xff") ||
    startsWith(bytes, "\x89PNG\r\n\x1a\n") ||
    (startsWith(bytes, "RIFF") && startsWith(bytes, "WEBP", 8)));

const readImageFile = async (path: string): Promise<Uint8Array> => {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new DamagedImage(
      error.code === "ENOENT" ? "there is no such file" : `it cannot be read (${error.code})`,
    );
  });
  if (!found.isFile()) throw new DamagedImage("it is no plain file");
  if (found.size > MAX_IMAGE_BYTES) throw new DamagedImage(`it has ${found.size} bytes`);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new DamagedImage(`it cannot be read (${error.code})`);
  });
  if (bytes.length === 0) throw new DamagedImage("it is empty");
  if (!isImage(bytes)) throw new DamagedImage("it is no JPEG, PNG or WebP image");
  return bytes;
};

/** The first line of what the decoder says, which repeats itself. */
const reasonOf = (error: unknown): string =>
  ((error as Error).message.split("\n")[0] ?? "").replace(/^Input buffer /, "it ");

/**
 * Decodes a JPEG, PNG or WebP file of any size: turned as its EXIF tag says, in sRGB, of animations the first
 * frame, transparent parts on black.
 * @throws DamagedImage where it is none of these, not whole, or has more than MAX_IMAGE_PIXELS.
 */
export const decodeImage = async (
  sharp: Awaited<ReturnType<typeof loadSharp>>,
  path: string,
  { kind, side }: ImageView,
): Promise<DecodedImage> => {
  const bytes = await readImageFile(path);
  try {
    const image = sharp(bytes, { failOn: "error", limitInputPixels: MAX_IMAGE_PIXELS });
    const { autoOrient } = await image.metadata();
    const square = await image
      .autoOrient()
      .resize(side, side, { fit: kind === "middle" ? "cover" : "fill" })
      .flatten({ background: "black" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer();
    if (square.length !== side * side * 3) throw new Error("it has an unknown kind of colours");
    return {
      pixels: new Uint8Array(square),
      ratio: autoOrient.width / autoOrient.height,
      digest: createHash("sha256").update(bytes).digest("hex"),
    };
  } catch (error) {
    throw new DamagedImage(reasonOf(error));
  }
};
