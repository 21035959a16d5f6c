import { FLOAT_BITS } from "../../analysis/conv-arithmetic.js";
import type { LayerSummary, NetSummary } from "../../analysis/summarise-net.js";
import { nameHalf } from "../../options/describe-quantization.js";
import { shortNumber } from "../../report/short-number.js";
import { type Column, textTable } from "../../report/text-table.js";

/** A column with its text for a layer and for the total. */
interface LayerColumn extends Column {
  readonly ofLayer: (layer: LayerSummary, summary: NetSummary) => string;
  readonly ofTotal?: (total: NetSummary["total"]) => string;
}

/** The types of weights and inputs: "ternary/32". Kernels that only the file rounds have bits but no codes. */
const numberKinds = (layer: LayerSummary, { spec: { quantization } }: NetSummary): string => {
  const { codes, weightBits, inputBits } = layer;
  const weights = codes ? nameHalf(quantization.weights) : String(weightBits);
  const inputs = inputBits === FLOAT_BITS ? String(FLOAT_BITS) : nameHalf(quantization.activations);
  return `${weights}/${inputs}`;
};

/** "conv", "8 groups" or "depthwise". */
const convKind = ({ kind, groups }: LayerSummary): string =>
  kind === "grouped conv" ? `${groups} groups` : kind.replace(/ conv$/, "");

const BINARY: LayerColumn = {
  title: "binary",
  isNumber: true,
  ofLayer: ({ binaryOps }) => (binaryOps === 0 ? "-" : shortNumber(binaryOps)),
  ofTotal: ({ binaryOps }) => shortNumber(binaryOps),
};

const columnsOf = ({ total }: NetSummary): LayerColumn[] => [
  { title: "layer", ofLayer: ({ name }) => name, ofTotal: () => "total" },
  { title: "kind", ofLayer: convKind },
  { title: "kernel", isNumber: true, ofLayer: ({ shape }) => shape.join("x") },
  { title: "W/A", isNumber: true, ofLayer: numberKinds },
  {
    title: "params",
    isNumber: true,
    ofLayer: ({ parameters }) => shortNumber(parameters),
    ofTotal: ({ parameters }) => shortNumber(parameters),
  },
  {
    title: "MACs",
    isNumber: true,
    ofLayer: ({ macs }) => shortNumber(macs),
    ofTotal: ({ macs }) => shortNumber(macs),
  },
  ...(total.binaryOps === 0 ? [] : [BINARY]),
  {
    title: "float32 B",
    isNumber: true,
    ofLayer: ({ float32Bytes }) => String(float32Bytes),
    ofTotal: ({ float32Bytes }) => String(float32Bytes),
  },
  {
    title: "packed B",
    isNumber: true,
    ofLayer: ({ packedBytes }) => String(packedBytes),
    ofTotal: ({ packedBytes }) => String(packedBytes),
  },
];

/** Size and operations of every layer; binary operations only if there are any. */
export const layerTable = (summary: NetSummary): string => {
  const columns = columnsOf(summary);
  return textTable(columns, [
    ...summary.layers.map((layer) => columns.map(({ ofLayer }) => ofLayer(layer, summary))),
    columns.map(({ ofTotal }) => ofTotal?.(summary.total) ?? ""),
  ]);
};
