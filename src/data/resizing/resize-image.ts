import { type Axis, type Interpolation, planAxis, SHARE_BITS } from "./plan-axis.js";

/** Height and width in pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** A rectangle of a resized image, in pixels. */
export interface Window extends ImageSize {
  readonly top: number;
  readonly left: number;
}

export interface Resizing {
  readonly from: ImageSize;
  readonly to: ImageSize;
  readonly interpolation: Interpolation;
  /** The part of the resized image to compute; default: all of it. */
  readonly window?: Window | undefined;
}

/** Half a unit of the sums, so that the shift rounds them. */
const HALF = 1 << (SHARE_BITS - 1);

const toByte = (sum: number): number => Math.min(Math.max(sum >> SHARE_BITS, 0), 255);

/** Resizes along the width the rows that `rows` needs, [height, width of the source, 3]. */
const resizeRows = (
  pixels: Uint8Array,
  sourceWidth: number,
  columns: Axis,
  rows: Axis,
): Uint8Array => {
  const { count, first, taps, shares, stride } = columns;
  const out = new Uint8Array((rows.end - rows.start) * count * 3);
  let to = 0;
  for (let y = rows.start; y < rows.end; y++) {
    for (let x = 0; x < count; x++, to += 3) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let from = (y * sourceWidth + (first[x] as number)) * 3;
      const last = x * stride + (taps[x] as number);
      for (let tap = x * stride; tap < last; tap++, from += 3) {
        const share = shares[tap] as number;
        red += Math.imul(pixels[from] as number, share);
        green += Math.imul(pixels[from + 1] as number, share);
        blue += Math.imul(pixels[from + 2] as number, share);
      }
      out[to] = toByte(red);
      out[to + 1] = toByte(green);
      out[to + 2] = toByte(blue);
    }
  }
  return out;
};

/** Resizes along the height; `pixels` begin with the row `rows.start` and have `rowBytes` bytes per row. */
const resizeColumns = (
  pixels: Uint8Array,
  rowBytes: number,
  { count, start, first, taps, shares, stride }: Axis,
): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(count * rowBytes);
  const sums = new Int32Array(rowBytes);
  for (let y = 0; y < count; y++) {
    sums.fill(HALF);
    for (let tap = 0; tap < (taps[y] as number); tap++) {
      const share = shares[y * stride + tap] as number;
      const from = ((first[y] as number) + tap - start) * rowBytes;
      for (let index = 0; index < rowBytes; index++) {
        sums[index] = (sums[index] as number) + Math.imul(pixels[from + index] as number, share);
      }
    }
    for (let index = 0; index < rowBytes; index++) {
      out[y * rowBytes + index] = toByte(sums[index] as number);
    }
  }
  return out;
};

/**
 * Returns a function that resizes the bytes of an image, [height, width, 3], to the same bytes as Pillow does: along the
 * width, then along the height, rounded to bytes in between. When an image shrinks, all of its pixels count. (Since
 * version 13, Pillow starts with the height if that shrinks by a larger factor, and if a tall image shrinks; bytes then
 * differ by 1.)
 */
export const imageResizer = ({
  from,
  to,
  interpolation,
  window = { top: 0, left: 0, ...to },
}: Resizing): ((pixels: Uint8Array) => Uint8Array<ArrayBuffer>) => {
  const columns = planAxis(from.width, to.width, interpolation, window.left, window.width);
  const rows = planAxis(from.height, to.height, interpolation, window.top, window.height);
  return (pixels) =>
    resizeColumns(resizeRows(pixels, from.width, columns, rows), 3 * window.width, rows);
};
