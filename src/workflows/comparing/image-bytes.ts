import { batchPreparer } from "../../data/batches/batch-preparer.js";
import type { DataSet } from "../../data/data-set.js";

const WHITE = 255;

/**
 * The bytes of test images as the nets see them, [height, width, channels] each, recovered from the normalised numbers:
 * so they need not be in memory, and may be stored at any size.
 */
export const testImageBytes = (
  { test, info }: DataSet,
  indices: readonly number[],
): readonly Uint8Array[] => {
  const prepare = batchPreparer({ ...test, info, mode: "evaluate", seed: 0 });
  const { channels, mean, std } = info;
  const size = info.height * info.width * channels;
  const values = prepare({ epoch: 0, samples: Uint32Array.from(indices) });
  return indices.map((_, at) =>
    Uint8Array.from(values.subarray(at * size, (at + 1) * size), (value, place) => {
      const channel = place % channels;
      return Math.round(WHITE * (value * (std[channel] as number) + (mean[channel] as number)));
    }),
  );
};
