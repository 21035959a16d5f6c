import { usageError } from "../../../base/errors.js";
import type { DataSetInfo } from "../../data-set.js";
import { DIGIT_SIDE, DIGITS_INFO, digitScaler, frameDigit } from "../../digits.js";
import { openDecodePool } from "./decode-pool.js";
import { type ImageView, viewForNet } from "./image-view.js";

/**
 * An image at a net's input size, [height, width, 3], with its own sides in pixels if they are known, or why
 * the file cannot be used.
 */
export type NetImage =
  | {
      readonly pixels: Uint8Array;
      readonly original?: { readonly height: number; readonly width: number };
    }
  | { readonly damage: string };

/** Decodes files for one net, in worker threads. */
export interface NetImageDecoder {
  readonly decode: (path: string) => Promise<NetImage>;
  readonly close: () => Promise<void>;
}

/**
 * Decodes files of any size at the input size of a net: their middle square, as the net's preparation of images asks for
 * it, the whole image for a detector, and for a net of handwritten digits in the digits' black frame. The caller closes it.
 * @throws QpruneError if the decoder is not installed; (usage) if the net's input is not square.
 */
export const decodeForNet = async (
  info: Pick<DataSetInfo, "name" | "height" | "width" | "evaluation" | "hasBoxes">,
  workers: number,
): Promise<NetImageDecoder> => {
  const { name, height, width } = info;
  if (height !== width) {
    throw usageError(
      `The net takes images of ${width}x${height} pixels; image files are decoded only for nets that take squares.`,
      "Use a net that was trained on square images.",
    );
  }
  const isDigits = name === DIGITS_INFO.name;
  const view: ImageView = isDigits ? { kind: "middle", side: DIGIT_SIDE } : viewForNet(info);
  const scale = digitScaler(height);
  const pool = await openDecodePool(workers);
  return {
    decode: async (path) => {
      const [image = { damage: "it was not decoded" }] = await pool.run({ paths: [path], view });
      if ("damage" in image) return image;
      const { pixels, original } = image;
      return { pixels: isDigits ? scale(frameDigit(pixels)) : pixels, original };
    },
    close: pool.close,
  };
};
