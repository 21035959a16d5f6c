import type { DataSetInfo } from "./data-set.js";

/** The number of values of a byte. */
export const BYTE_VALUES = 256;

/**
 * The normalized value of every byte v in every channel c, at [c * 256 + v]: (v / 255 - mean) / std, each step rounded
 * to float32 as in PyTorch's ToTensor and Normalize.
 */
export const normalizationTable = ({
  mean,
  std,
}: Pick<DataSetInfo, "mean" | "std">): Float32Array => {
  const table = new Float32Array(mean.length * BYTE_VALUES);
  mean.forEach((channelMean, channel) => {
    const m = Math.fround(channelMean);
    const s = Math.fround(std[channel] as number);
    for (let value = 0; value < BYTE_VALUES; value++) {
      const centered = Math.fround(Math.fround(value / 255) - m);
      table[channel * BYTE_VALUES + value] = centered / s;
    }
  });
  return table;
};
