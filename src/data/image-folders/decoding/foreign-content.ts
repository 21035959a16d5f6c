import { isUtf8 } from "node:buffer";
import { startsWith } from "./signature.js";

/** Bytes examined of a file that is no image. */
const EXAMINED_BYTES = 4096;

const CONVERT = "convert it to JPEG or PNG";
const RAW = "a camera's raw file: develop it as JPEG";
const VIDEO = "a video: save its frames as images";
const ARCHIVE = "an archive: unpack it";

/** Files that are found among images by mistake, and unsupported image formats. */
const SIGNATURES: readonly (readonly [signature: string, what: string])[] = [
  // The zeros are the reserved bytes of the header; a text may begin with BM, too.
  ["BM????\0\0\0\0", `a BMP image: ${CONVERT}`],
  ["\xff\x0a", `a JPEG XL image: ${CONVERT}`],
  ["\0\0\0\x0cJXL ", `a JPEG XL image: ${CONVERT}`],
  ["\0\0\0\x0cjP  ", `a JPEG 2000 image: ${CONVERT}`],
  ["\xff\x4f\xff\x51", `a JPEG 2000 image: ${CONVERT}`],
  ["8BPS", `a Photoshop file: ${CONVERT}`],
  ["\0\0\x01\0", `an icon: ${CONVERT}`],
  ["II*\0????CR", RAW],
  ["FUJIFILMCCD-RAW", RAW],
  ["IIRO", RAW],
  ["IIU\0", RAW],
  ["%PDF-", "a PDF document: save its pages as PNG"],
  ["version https://git-lfs", "a Git LFS pointer, not the image itself: run git lfs pull"],
  ["PK\x03\x04", ARCHIVE],
  ["\x1f\x8b", ARCHIVE],
  ["Rar!", ARCHIVE],
  ["7z\xbc\xaf", ARCHIVE],
  ["\0\x05\x16\x07", "a file of macOS metadata (AppleDouble), not an image: delete it"],
  ["\x1a\x45\xdf\xa3", VIDEO],
  ["RIFF????AVI ", VIDEO],
];

const HEIC_BRANDS = /^(?:hei[cxms]|hev[cxms]|mif1|msf1)$/;

const brandedContent = (brands: readonly string[]): string => {
  if (brands.some((brand) => HEIC_BRANDS.test(brand))) return `a HEIC image: ${CONVERT}`;
  return brands.includes("crx ") ? RAW : VIDEO;
};

const MARKUP: readonly (readonly [RegExp, string])[] = [
  [/<svg[\s>]/i, "an SVG drawing: export it as PNG"],
  [
    /^\s*<(?:!doctype html|html|head|body)/i,
    "an HTML page, such as an error or login page: download the image again",
  ],
  [/^\s*</, "XML, not an image"],
  [/^\s*[[{]/, "JSON, not an image"],
];

const textContent = (text: string): string =>
  MARKUP.find(([pattern]) => pattern.test(text))?.[1] ?? "a text, not an image";

/** Texts contain no smaller bytes than the bell. */
const MIN_TEXT_BYTE = 7;

/** Whether the start of a file is text; it may end within a character. */
const isText = (start: Buffer): boolean => {
  if (start.some((byte) => byte < MIN_TEXT_BYTE)) return false;
  const cuts = start.length < EXAMINED_BYTES ? [0] : [0, 1, 2, 3];
  return cuts.some((cut) => isUtf8(start.subarray(0, start.length - cut)));
};

/**
 * What a file of an unsupported format is and what to do about it, completing "it is …". `brands` are those of the ISO
 * base media format, if any.
 */
export const foreignContent = (bytes: Uint8Array, brands: readonly string[]): string => {
  const known = SIGNATURES.find(([signature]) => startsWith(bytes, signature));
  if (known) return known[1];
  if (brands.length > 0) return brandedContent(brands);
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, EXAMINED_BYTES));
  if (start.every((byte) => byte === 0)) return "full of zeros, as after an interrupted copy";
  return isText(start)
    ? textContent(start.toString("utf8").replace(/^\ufeff/, ""))
    : "not an image of a supported format (JPEG, PNG, WebP, GIF, TIFF, AVIF)";
};
