import { describe, expect, test } from "vitest";
import { fileFormat } from "../../../../src/data/image-folders/decoding/file-format.js";

const bytes = (text: string): Buffer => Buffer.concat([Buffer.from(text, "latin1")]);

/** A file in ISO's base media format with its brands. */
const branded = (...brands: string[]): Buffer => {
  const [major = "", ...others] = brands;
  const box = bytes(`\0\0\0${String.fromCharCode(16 + 4 * others.length)}ftyp${major}\0\0\0\0`);
  return Buffer.concat([box, bytes(others.join("")), Buffer.alloc(40, 1)]);
};

describe("the format of a file is recognized by its content", () => {
  test.each([
    ["JPEG", bytes("\xff\xd8\xff\xe0\0\x10JFIF\0")],
    ["PNG", bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR")],
    ["WebP", bytes("RIFF\x1a\0\0\0WEBPVP8L")],
    ["GIF", bytes("GIF89a\x01\0\x01\0")],
    ["TIFF", bytes("II*\0\x08\0\0\0\0\0")],
    ["TIFF", bytes("MM\0*\0\0\0\x08\0\0")],
    ["AVIF", branded("avif", "mif1", "miaf")],
    ["AVIF", branded("mif1", "avif")],
  ])("%s", (format, file) => {
    expect(fileFormat(file)).toEqual({ format });
  });

  test.each([
    [/^a HEIC image: convert it/, branded("heic", "mif1")],
    [/^a HEIC image: convert it/, branded("mif1", "heic")],
    [/^a video/, branded("isom", "mp42")],
    [/^a BMP image: convert it/, bytes("BM\xf6\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0")],
    [/^a JPEG XL image/, bytes("\xff\x0a\xfa\x1f")],
    [/^a JPEG 2000 image/, bytes("\0\0\0\x0cjP  \r\n\x87\n")],
    [/^a Photoshop file/, bytes("8BPS\0\x01")],
    [/^a camera's raw file/, bytes("II*\0\x10\0\0\0CR\x02\0")],
    [/^an SVG drawing/, bytes('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>')],
    [/^a PDF document/, bytes("%PDF-1.7\n")],
    [/^an HTML page.* download the image again/, bytes("\n<!DOCTYPE html><title>Sign in</title>")],
    [
      /^a Git LFS pointer.* run git lfs pull/,
      bytes("version https://git-lfs.github.com/spec/v1\n"),
    ],
    [/^JSON/, bytes('{"message": "Not Found"}')],
    [/^XML/, bytes("<Error><Code>AccessDenied</Code></Error>")],
    [/^a text/, bytes("BMW, Audi and others\n")],
    [/^an archive/, bytes("PK\x03\x04\x14\0")],
    [/^full of zeros/, Buffer.alloc(2000)],
    [/\(AppleDouble\)/, bytes("\0\x05\x16\x07\0\x02\0\0Mac OS X")],
    [/^not an image of a supported format/, bytes("\x01\x02\x03\x04\x05\x06\x07\xfe")],
  ])("and a file that is not a supported image is named for what it is: %s", (what, file) => {
    const found = fileFormat(file);
    expect("foreign" in found && found.foreign).toMatch(what);
  });

  test("even of a Chinese text that ends within a character", () => {
    const text = Buffer.from("找不到文件".repeat(300));
    expect(fileFormat(text)).toEqual({ foreign: "a text, not an image" });
  });
});
