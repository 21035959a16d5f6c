import { batchPreparer } from "../../data/batches/batch-preparer.js";
import type { DataSet } from "../../data/data-set.js";
import { pixelBytes } from "../images/pixel-bytes.js";

/**
 * The bytes of test images at the nets' input size, [height, width, channels] each. They are recovered from normalized
 * values, so that they work for images that are not in memory or stored at another size.
 */
export const testImageBytes = (
  { test, info }: DataSet,
  indices: readonly number[],
): readonly Uint8Array[] => {
  const prepare = batchPreparer({ ...test, info, mode: "evaluate", seed: 0 });
  const size = info.height * info.width * info.channels;
  const values = prepare({ epoch: 0, samples: Uint32Array.from(indices), isWeak: true });
  return indices.map((_, image) =>
    pixelBytes(values.subarray(image * size, (image + 1) * size), info),
  );
};
