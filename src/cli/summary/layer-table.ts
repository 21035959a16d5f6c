import { FLOAT_BITS } from "../../analysis/layer-arithmetic.js";
import type { LayerSummary, NetSummary } from "../../analysis/model-summary.js";
import type { ValueId } from "../../graph/graph.js";
import { inputQuantizer } from "../../graph/input-quantizer.js";
import { type WeightedNode, weightedNodes } from "../../graph/stored-form.js";
import { graphOf } from "../../models/net-spec.js";
import { nameHalf } from "../../options/describe-quantization.js";
import { shortNumber } from "../../report/short-number.js";
import { type Column, textTable } from "../../report/text-table.js";

/** A column with its text for a layer and for the total. */
interface LayerColumn extends Column {
  readonly ofLayer: (layer: LayerSummary, summary: NetSummary) => string;
  readonly ofTotal?: (total: NetSummary["total"]) => string;
}

/** The types of weights and inputs: "ternary/32". Kernels that only the file rounds have bits but no codes. */
const numberKinds = (layer: LayerSummary, { spec }: NetSummary): string => {
  const graph = graphOf(spec);
  const node = weightedNodes(graph).find(({ name }) => name === layer.name) as WeightedNode;
  const { codes, weightBits, inputBits } = layer;
  const weights = codes ? nameHalf(node.quantizer) : String(weightBits);
  const quantizer = inputQuantizer(graph, node.inputs[0] as ValueId);
  const isFloat = inputBits === FLOAT_BITS || !quantizer;
  return `${weights}/${isFloat ? FLOAT_BITS : nameHalf(quantizer)}`;
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
