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

/** Every byte as it is, in the layout of normalizationTable: for pixels that are changed before they are normalized. */
export const byteTable = (channels: number): Float32Array =>
  Float32Array.from({ length: channels * BYTE_VALUES }, (_, index) => index % BYTE_VALUES);

/** Normalizes pixels [n, channels] from 0 to 255 in place, as normalizationTable does bytes. */
export const normalizePixels = (
  pixels: Float32Array,
  { mean, std }: Pick<DataSetInfo, "mean" | "std">,
): void => {
  const [means, deviations] = [mean, std].map((each) => each.map(Math.fround)) as [
    number[],
    number[],
  ];
  for (let at = 0; at < pixels.length; at++) {
    const channel = at % means.length;
    const centered = Math.fround(
      Math.fround((pixels[at] as number) / 255) - (means[channel] as number),
    );
    pixels[at] = centered / (deviations[channel] as number);
  }
};
