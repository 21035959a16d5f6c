import type { LayerSummary, NetSummary } from "../../measure/summarise-net.js";
import { shortNumber } from "../../report/short-number.js";
import { textTable } from "../../report/text-table.js";

const LAYER_COLUMNS = [
  { title: "layer" },
  { title: "kind" },
  { title: "kernel", isNumber: true },
  { title: "groups", isNumber: true },
  { title: "W/A bits", isNumber: true },
  { title: "params", isNumber: true },
  { title: "MACs", isNumber: true },
  { title: "binary", isNumber: true },
  { title: "float32 B", isNumber: true },
  { title: "packed B", isNumber: true },
];

const layerRow = (layer: LayerSummary): string[] => [
  layer.name,
  layer.kind.replace(/ conv$/, ""),
  layer.shape.join("x"),
  String(layer.groups),
  `${layer.weightBits}/${layer.inputBits}`,
  shortNumber(layer.parameters),
  shortNumber(layer.macs),
  layer.binaryOps === 0 ? "-" : shortNumber(layer.binaryOps),
  String(layer.float32Bytes),
  String(layer.packedBytes),
];

/** Size and operations of every layer. */
export const layerTable = ({ layers, total }: NetSummary): string =>
  textTable(LAYER_COLUMNS, [
    ...layers.map(layerRow),
    [
      "total",
      "",
      "",
      "",
      "",
      shortNumber(total.parameters),
      shortNumber(total.macs),
      total.binaryOps === 0 ? "-" : shortNumber(total.binaryOps),
      String(total.float32Bytes),
      String(total.packedBytes),
    ],
  ]);
