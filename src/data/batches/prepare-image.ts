import type { DataSetInfo } from "../data-set.js";
import { BYTE_VALUES } from "../normalization-table.js";
import type { Augmentation } from "./augmentation.js";

const GREEN = BYTE_VALUES;
const BLUE = 2 * BYTE_VALUES;

/**
 * Writes one image, augmented and normalized, to `out`.
 *
 * @param pixels the bytes of one image, [height, width, 3]
 * @param table see normalizationTable
 * @param out receives [height, width, 3]; pixels that the crop takes from outside the image are normalized black
 */
export const prepareImage = (
  pixels: Uint8Array,
  { height, width }: Pick<DataSetInfo, "height" | "width">,
  table: Float32Array,
  { rowShift, columnShift, isMirrored }: Augmentation,
  out: Float32Array,
): void => {
  let to = 0;
  for (let y = 0; y < height; y++) {
    const fromY = y + rowShift;
    const isRowInside = fromY >= 0 && fromY < height;
    for (let x = 0; x < width; x++, to += 3) {
      const fromX = (isMirrored ? width - 1 - x : x) + columnShift;
      const isInside = isRowInside && fromX >= 0 && fromX < width;
      const from = (fromY * width + fromX) * 3;
      out[to] = table[isInside ? (pixels[from] as number) : 0] as number;
      out[to + 1] = table[GREEN + (isInside ? (pixels[from + 1] as number) : 0)] as number;
      out[to + 2] = table[BLUE + (isInside ? (pixels[from + 2] as number) : 0)] as number;
    }
  }
};
