import { usageError } from "../../../base/errors.js";
import type { DataSetInfo } from "../../data-set.js";
import { DIGIT_SIDE, DIGITS_INFO, frameDigit } from "../../digits.js";
import type { ImageView } from "./decode-image.js";
import { openDecodePool } from "./decode-pool.js";

/** An image as a net sees it, [height, width, 3], or what is wrong with the file. */
export type NetImage = { readonly pixels: Uint8Array } | { readonly damage: string };

/** Threads that decode files for a net. */
export interface NetImages {
  readonly decode: (path: string) => Promise<NetImage>;
  readonly close: () => Promise<void>;
}

/**
 * Decodes files of any size as the images that a net was trained on: their middle at the net's size; for a net of
 * handwritten digits at the digits' size, in their frame. The caller closes it.
 * @throws QpruneError where the decoder is not installed, and (usage) for a net that sees no squares.
 */
export const decodeForNet = async (
  { name, height, width }: DataSetInfo,
  workers: number,
): Promise<NetImages> => {
  if (height !== width) {
    throw usageError(
      `The net sees images of ${width}x${height} pixels; files are decoded for nets that see squares.`,
      "Train a net on square images.",
    );
  }
  const isDigits = name === DIGITS_INFO.name;
  const view: ImageView = { kind: "middle", side: isDigits ? DIGIT_SIDE : height };
  const pool = await openDecodePool(workers);
  return {
    decode: async (path) => {
      const [image = { damage: "it was not decoded" }] = await pool.run({ paths: [path], view });
      if ("damage" in image) return image;
      return { pixels: isDigits ? frameDigit(image.pixels) : image.pixels };
    },
    close: pool.close,
  };
};
