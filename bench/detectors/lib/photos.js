// Photographs as detectors take them: squares of RGB bytes, scaled to fit, with black at the right and the bottom.

import { mkdirSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import sharp from "sharp";

const NAMES = new Set([".jpg", ".jpeg", ".png"]);

/** The photographs of a folder, in the order of their names. */
export const photosIn = (folder) =>
  readdirSync(folder)
    .filter((name) => NAMES.has(extname(name).toLowerCase()))
    .sort()
    .map((name) => join(folder, name));

const decoded = (source) =>
  sharp(source).rotate().flatten({ background: "black" }).toColorspace("srgb");

const fitted = (image, side) =>
  image
    .resize(side, side, { fit: "contain", position: "left top", background: "black" })
    .removeAlpha();

/** The bytes [side, side, 3] of a photograph. */
export const squareOf = async (path, side) =>
  fitted(sharp(await decoded(path).png().toBuffer()), side)
    .raw()
    .toBuffer();

/** The whole photograph, and crops of its four corners and its middle, each 60% of its sides. */
const CROPS = [null, [0, 0], [1, 1], [0.5, 0.5], [1, 0], [0, 1]];
const SHARE = 0.6;

/**
 * Writes squares of photographs as a folder of images that `qprune ptq --dataset images` reads: of each photograph the whole, then
 * crops, until there are `count`. Its two classes and the test image mean nothing.
 */
export const writeCalibration = async (photos, { folder, side, count }) => {
  const parts = ["train/one", "train/two", "val/one", "val/two"];
  for (const part of parts) mkdirSync(join(folder, part), { recursive: true });
  for (let index = 0; index < count; index++) {
    const path = photos[index % photos.length];
    const corner = CROPS[Math.floor(index / photos.length) % CROPS.length];
    const upright = await decoded(path).png().toBuffer();
    const { width, height } = await sharp(upright).metadata();
    const crop = corner && {
      left: Math.floor(corner[0] * (1 - SHARE) * width),
      top: Math.floor(corner[1] * (1 - SHARE) * height),
      width: Math.floor(SHARE * width),
      height: Math.floor(SHARE * height),
    };
    const part = crop ? sharp(upright).extract(crop) : sharp(upright);
    const name = `${String(index).padStart(4, "0")}.png`;
    const square = await fitted(sharp(await part.png().toBuffer()), side)
      .png()
      .toBuffer();
    await sharp(square).toFile(join(folder, parts[index % 2], name));
    if (index < 2) await sharp(square).toFile(join(folder, parts[2 + index], name));
  }
};

/** Bytes as what a net takes: (byte / 255 - mean) / std per channel, [side, side, 3]. */
export const normalized = (bytes, { mean, std }) =>
  Float32Array.from(bytes, (byte, at) => (byte / 255 - mean[at % 3]) / std[at % 3]);
