import { randomUint32, randomUnit } from "../../base/random.js";
import { type ImageSize, STRONG_STREAM } from "./strong-augmentation.js";

/** One quarter of a mosaic: the part of an image that fills a rectangle, pixel by pixel. */
export interface MosaicTile extends ImageSize {
  /** Index of the image. */
  readonly sample: number;
  /** Its upper left corner in the mosaic. */
  readonly left: number;
  readonly top: number;
  /** The corner of the part in its image. */
  readonly fromLeft: number;
  readonly fromTop: number;
}

/** The four parts meet in the middle of the image, give or take this share of its sides. */
const SPREAD = 0.25;

/**
 * Draws the parts of a mosaic of an image with three others (Bochkovskiy et al. 2020, "YOLOv4", section 3.3), which are not scaled;
 * undefined if the image stays as it is, with probability 1 - `probability`.
 * @param count images to choose from
 */
export const drawMosaic = (
  probability: number,
  { height, width }: ImageSize,
  count: number,
  ...keys: readonly [seed: number, epoch: number, sample: number]
): readonly MosaicTile[] | undefined => {
  const [seed, epoch, sample] = keys;
  const unit = (...what: readonly number[]): number =>
    randomUnit(seed, STRONG_STREAM.mosaic, epoch, sample, ...what);
  if (unit(0) >= probability) return undefined;
  const middle = (side: number, what: number): number =>
    Math.round(side * (0.5 + SPREAD * (2 * unit(what) - 1)));
  const [x, y] = [middle(width, 1), middle(height, 2)];
  const axis = (side: number, at: number, isSecond: boolean) =>
    isSecond ? { start: at, length: side - at } : { start: 0, length: at };
  return [0, 1, 2, 3].map((tile) => {
    const [columns, rows] = [axis(width, x, tile % 2 === 1), axis(height, y, tile > 1)];
    const other = randomUint32(seed, STRONG_STREAM.mosaic, epoch, sample, 3, tile) % count;
    return {
      sample: tile === 0 ? sample : other,
      left: columns.start,
      top: rows.start,
      width: columns.length,
      height: rows.length,
      fromLeft: Math.floor(unit(4, tile, 0) * (width - columns.length + 1)),
      fromTop: Math.floor(unit(4, tile, 1) * (height - rows.length + 1)),
    };
  });
};

/** Copies a tile of an image [height, width, 3] into a mosaic of the same size. */
export const copyTile = (
  image: Float32Array,
  mosaic: Float32Array,
  size: ImageSize,
  { left, top, width, height, fromLeft, fromTop }: MosaicTile,
): void => {
  const at = (row: number, column: number): number => (row * size.width + column) * 3;
  for (let row = 0; row < height; row++) {
    const start = at(fromTop + row, fromLeft);
    mosaic.set(image.subarray(start, start + 3 * width), at(top + row, left));
  }
};
