import type { ImageSize } from "./strong-augmentation.js";

/**
 * Maps an output pixel to the input pixel that it shows, both relative to the image's center:
 * x' = xx x + xy y + x0, y' = yx x + yy y + y0.
 */
export interface Affine {
  readonly xx: number;
  readonly xy: number;
  readonly x0: number;
  readonly yx: number;
  readonly yy: number;
  readonly y0: number;
}

export const IDENTITY: Affine = { xx: 1, xy: 0, x0: 0, yx: 0, yy: 1, y0: 0 };

/**
 * Resamples pixels [height, width, 3] bilinearly; what lies outside the image is black (0). Returns new pixels.
 */
export const resampleAffine = (
  pixels: Float32Array,
  { height, width }: ImageSize,
  { xx, xy, x0, yx, yy, y0 }: Affine,
): Float32Array => {
  const out = new Float32Array(pixels.length);
  const [centerX, centerY] = [(width - 1) / 2, (height - 1) / 2];
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const [dx, dy] = [x - centerX, y - centerY];
      addPixel(out, to, pixels, {
        x: xx * dx + xy * dy + x0 + centerX,
        y: yx * dx + yy * dy + y0 + centerY,
        height,
        width,
      });
    }
  }
  return out;
};

/** Adds the four pixels around (x, y), each with its share. */
const addPixel = (
  out: Float32Array,
  to: number,
  pixels: Float32Array,
  { x, y, height, width }: ImageSize & { readonly x: number; readonly y: number },
): void => {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  for (let down = 0; down < 2; down++) {
    const row = top + down;
    const rowShare = down === 0 ? 1 - (y - top) : y - top;
    if (row < 0 || row >= height || rowShare === 0) continue;
    for (let across = 0; across < 2; across++) {
      const column = left + across;
      const share = rowShare * (across === 0 ? 1 - (x - left) : x - left);
      if (column < 0 || column >= width || share === 0) continue;
      const from = (row * width + column) * 3;
      for (let channel = 0; channel < 3; channel++) {
        out[to + channel] =
          (out[to + channel] as number) + share * (pixels[from + channel] as number);
      }
    }
  }
};
