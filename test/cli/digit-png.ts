import draw from "sharp";
import { DIGITS_FOLDER, readDigits } from "../../src/data/digits.js";

/** Test image `number` of the digits that ship as a grey PNG of 28x28, without its frame. */
export const digitPng = async (number: number): Promise<Buffer> => {
  const { images } = await readDigits(DIGITS_FOLDER, "t10k", number + 1);
  const framed = images.slice(number * 32 * 32 * 3, (number + 1) * 32 * 32 * 3);
  return draw(framed, { raw: { width: 32, height: 32, channels: 3 } })
    .extract({ left: 2, top: 2, width: 28, height: 28 })
    .toColourspace("b-w")
    .png()
    .toBuffer();
};
