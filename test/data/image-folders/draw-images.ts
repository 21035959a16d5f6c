import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import type { ImageFolderOptions } from "../../../src/data/image-folders/image-folder-options.js";

/** A fresh folder for one test. */
export const imagesFolder = (): string => mkdtempSync(join(tmpdir(), "qprune-images-"));

const SUFFIXES = ["png", "jpg", "webp"] as const;
export type Suffix = (typeof SUFFIXES)[number];

/** Colours that are far apart, one a class. */
export const COLORS = [
  [200, 30, 30],
  [30, 200, 30],
  [30, 30, 200],
] as const;

/** A file of one color with a brighter left half, of the given size. */
export const drawImage = async (
  color: readonly [number, number, number],
  width: number,
  height: number,
  suffix: Suffix = "png",
): Promise<Buffer> => {
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    const isLeft = at % width < width / 2;
    pixels.set(
      color.map((value) => (isLeft ? Math.min(255, value + 40) : value)),
      at * 3,
    );
  }
  const image = sharp(pixels, { raw: { width, height, channels: 3 } });
  switch (suffix) {
    case "png":
      return image.png().toBuffer();
    case "jpg":
      return image.jpeg({ quality: 95 }).toBuffer();
    case "webp":
      return image.webp({ lossless: true }).toBuffer();
  }
};

/** Puts a file into a folder, which is made. */
export const put = (path: string, bytes: Buffer | string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
};

/** Writes `count` images of mixed sizes and formats for each class into `folder`. */
export const drawClasses = async (
  folder: string,
  count: number,
  classes: readonly string[] = ["apple", "leaf", "sky"],
): Promise<void> => {
  for (const [label, name] of classes.entries()) {
    for (let at = 0; at < count; at++) {
      const suffix = SUFFIXES[at % SUFFIXES.length] as Suffix;
      const color = (COLORS[label % COLORS.length] as readonly [number, number, number]).map(
        (value) => value + (at % 7),
      ) as [number, number, number];
      const bytes = await drawImage(color, 20 + (at % 5) * 9, 24 + (at % 3) * 14, suffix);
      put(join(folder, name, `${String(at).padStart(3, "0")}.${suffix}`), bytes);
    }
  }
};

/** Options with a cache of their own; the reader's notices are collected in `lines`. */
export const folderOptions = (
  folder: string,
  more: Partial<ImageFolderOptions> = {},
): ImageFolderOptions & { readonly lines: string[] } => {
  const lines: string[] = [];
  return {
    imageSize: 16,
    crop: "resized",
    mirror: true,
    maxDamaged: 0.01,
    workers: 0,
    memoryBytes: 1e9,
    cacheFolder: join(folder, ".cache"),
    notify: (line) => lines.push(line),
    ...more,
    lines,
  };
};

/** Puts the size into the header of a JPEG file: what follows its marker, a length and a depth. */
export const withSize = (jpeg: Buffer, marker: number, width: number, height: number): Buffer => {
  const at = jpeg.indexOf(Buffer.from([0xff, marker]));
  const claimed = Buffer.from(jpeg);
  claimed.writeUInt16BE(height, at + 5);
  claimed.writeUInt16BE(width, at + 7);
  return claimed;
};
