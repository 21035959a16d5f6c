import type { DataSetInfo } from "../data-set.js";
import { BYTE_VALUES } from "../normalization-table.js";
import type { Region } from "./resized-crop.js";

/** For each output pixel along one axis: the two source pixels to interpolate between, and the share of the second. */
interface Axis {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly share: Float64Array;
}

/**
 * Spreads `count` output pixels over the part of an axis from `start` on, `length` long.
 *
 * @param side pixels of the source along the axis
 * @param start as a share of the axis, like `length`
 */
const axisOf = (side: number, start: number, length: number, count: number): Axis => {
  const first = new Int32Array(count);
  const second = new Int32Array(count);
  const share = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    // Samples are taken at pixel centers and clamped to the border pixels.
    const center = side * (start + ((index + 0.5) * length) / count) - 0.5;
    const inside = Math.min(Math.max(center, 0), side - 1);
    first[index] = Math.floor(inside);
    second[index] = Math.min((first[index] as number) + 1, side - 1);
    share[index] = inside - (first[index] as number);
  }
  return { first, second, share };
};

/** A square image, the region of it to show, and whether to mirror the result. */
export interface ImageRegion {
  /** [side, side, 3] */
  readonly pixels: Uint8Array;
  readonly side: number;
  readonly region: Region;
  readonly isMirrored: boolean;
}

/**
 * Writes a region of an image, stretched bilinearly to the full size and normalized, to `out`.
 *
 * @param table see normalizationTable; interpolating normalized values equals normalizing interpolated ones
 * @param out receives [height, width, 3]
 */
export const resampleImage = (
  { pixels, side, region, isMirrored }: ImageRegion,
  { height, width }: Pick<DataSetInfo, "height" | "width">,
  table: Float32Array,
  out: Float32Array,
): void => {
  const rows = axisOf(side, region.top, region.height, height);
  const columns = axisOf(side, region.left, region.width, width);
  let to = 0;
  for (let y = 0; y < height; y++) {
    const upper = (rows.first[y] as number) * side;
    const lower = (rows.second[y] as number) * side;
    const down = rows.share[y] as number;
    for (let x = 0; x < width; x++) {
      const column = isMirrored ? width - 1 - x : x;
      const left = columns.first[column] as number;
      const right = columns.second[column] as number;
      const across = columns.share[column] as number;
      // The four neighboring pixels and their weights.
      const [a, b] = [(upper + left) * 3, (upper + right) * 3];
      const [c, d] = [(lower + left) * 3, (lower + right) * 3];
      const forA = (1 - across) * (1 - down);
      const forB = across * (1 - down);
      const forC = (1 - across) * down;
      const forD = across * down;
      for (let channel = 0; channel < 3; channel++) {
        const base = channel * BYTE_VALUES;
        out[to++] =
          forA * (table[base + (pixels[a + channel] as number)] as number) +
          forB * (table[base + (pixels[b + channel] as number)] as number) +
          forC * (table[base + (pixels[c + channel] as number)] as number) +
          forD * (table[base + (pixels[d + channel] as number)] as number);
      }
    }
  }
};
