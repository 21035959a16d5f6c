import type { DataSetInfo } from "../../data/data-set.js";

const WHITE = 255;

/** The bytes of normalized pixels [n, channels]. */
export const pixelBytes = (
  values: Float32Array,
  { channels, mean, std }: Pick<DataSetInfo, "channels" | "mean" | "std">,
): Uint8Array =>
  Uint8Array.from(values, (value, position) => {
    const channel = position % channels;
    const byte = WHITE * (value * (std[channel] as number) + (mean[channel] as number));
    return Math.round(Math.min(Math.max(byte, 0), WHITE));
  });
