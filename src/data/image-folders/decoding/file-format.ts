import { foreignContent } from "./foreign-content.js";
import { startsWith } from "./signature.js";

/** The supported formats; the decoder could read others, but is not given them. */
export type ImageFormat = "JPEG" | "PNG" | "WebP" | "GIF" | "TIFF" | "AVIF";

const BRANDS_START = 8;
const BRAND_BYTES = 4;
/** No writer lists more brands. */
const MAX_BRANDS = 32;

/**
 * The brands of a file in the ISO base media format, the major brand first. They follow "ftyp" in the first box, whose
 * length is in its first four bytes. They distinguish HEIC, AVIF and MP4.
 */
const brandsOf = (bytes: Uint8Array): string[] => {
  if (!startsWith(bytes, "????ftyp")) return [];
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = Math.min(
    start.readUInt32BE(0),
    start.length,
    BRANDS_START + MAX_BRANDS * BRAND_BYTES,
  );
  const brands = [start.toString("latin1", BRANDS_START, BRANDS_START + BRAND_BYTES)];
  for (
    let position = BRANDS_START + BRAND_BYTES;
    position + BRAND_BYTES <= end;
    position += BRAND_BYTES
  ) {
    brands.push(start.toString("latin1", position, position + BRAND_BYTES));
  }
  return brands;
};

const SIGNATURES: readonly (readonly [signature: string, ImageFormat])[] = [
  ["\xff\xd8\xff", "JPEG"],
  ["\x89PNG\r\n\x1a\n", "PNG"],
  ["RIFF????WEBP", "WebP"],
  ["GIF87a", "GIF"],
  ["GIF89a", "GIF"],
  // Classic and BigTIFF, each in both byte orders.
  ["II*\0", "TIFF"],
  ["MM\0*", "TIFF"],
  ["II+\0", "TIFF"],
  ["MM\0+", "TIFF"],
];

/** Canon's raw files begin like TIFF. */
const CANON_RAW = "II*\0????CR";

/** The format of an image by its first bytes, regardless of its name; else what the file is, completing "it is …". */
export const fileFormat = (
  bytes: Uint8Array,
): { readonly format: ImageFormat } | { readonly foreign: string } => {
  const known = SIGNATURES.find(([signature]) => startsWith(bytes, signature));
  if (known && !startsWith(bytes, CANON_RAW)) return { format: known[1] };
  const brands = brandsOf(bytes);
  if (brands.some((brand) => brand === "avif" || brand === "avis")) return { format: "AVIF" };
  return { foreign: foreignContent(bytes, brands) };
};
