import type { LayerSummary, NetSummary } from "../../measure/summarise-net.js";
import { textTable } from "../../report/text-table.js";

const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** Three digits and a prefix of a thousand: 1234567 is 1.23M. */
const short = (count: number): string => COMPACT.format(count);

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
  short(layer.parameters),
  short(layer.macs),
  layer.binaryOps === 0 ? "-" : short(layer.binaryOps),
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
      short(total.parameters),
      short(total.macs),
      total.binaryOps === 0 ? "-" : short(total.binaryOps),
      String(total.float32Bytes),
      String(total.packedBytes),
    ],
  ]);
