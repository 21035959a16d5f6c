import type { NetSummary } from "../../analysis/model-summary.js";
import { textTable } from "../../report/text-table.js";
import { codesText } from "./codes-text.js";

const MAX_SHOWN_CHANNELS = 6;
const channelList = (channels: readonly number[]): string => {
  if (channels.length === 0) return "";
  const shown = channels.slice(0, MAX_SHOWN_CHANNELS).join(",");
  return channels.length > MAX_SHOWN_CHANNELS ? `${shown},…` : shown;
};

/** The integer codes of every layer's weights, and its dead channels. */
export const codeTable = ({ layers }: NetSummary): string =>
  textTable(
    [
      { title: "layer" },
      { title: "weights", isNumber: true },
      { title: "codes of the weights" },
      { title: "entropy", isNumber: true },
      { title: "dead", isNumber: true },
      { title: "channels" },
    ],
    layers.map(({ name, codes, shape, weightBits, deadChannels }) => [
      name,
      String(shape.reduce((product, side) => product * side, 1)),
      codes ? codesText(codes) : weightBits === 8 ? "int8" : "float",
      codes ? `${codes.entropyBits.toFixed(2)} bits` : "",
      String(deadChannels.length),
      channelList(deadChannels),
    ]),
  );
