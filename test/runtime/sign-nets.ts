import type { Graph } from "../../src/graph/graph.js";
import type { ActivationQuantization, WeightQuantization } from "../../src/graph/quantizers.js";
import { NO_PADDING } from "../../src/graph/window.js";
import { nodesOf } from "../graph/branched-graph.js";

interface SignLayer {
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
  readonly side: number;
}

/**
 * Sizes of a layer of signs: filters in blocks of 64, 32 and 16 and some left, channels that fill no byte, rows of more bytes than
 * counts can add, and groups.
 */
const LAYERS: readonly SignLayer[] = [
  { channels: 18, filters: 113, groups: 1, side: 3 },
  { channels: 260, filters: 112, groups: 1, side: 1 },
  { channels: 65, filters: 48, groups: 1, side: 5 },
  { channels: 54, filters: 51, groups: 3, side: 3 },
  { channels: 128, filters: 256, groups: 4, side: 3 },
];

const layerGraph = (
  { channels, filters, groups, side }: SignLayer,
  weights: WeightQuantization,
  activations: ActivationQuantization,
): Graph => {
  const { conv, norm } = nodesOf({ weights });
  const quantize = (name: string, input: string) =>
    ({ name, kind: "quantize", inputs: [input], quantizer: activations }) as const;
  const float = { kind: "float" } as const;
  const padding = Math.floor(side / 2);
  const last = { kernel: [1, 1], padding: NO_PADDING, quantizer: float } as const;
  const nodes: Graph["nodes"] = [
    conv("stem", "images", channels, { quantizer: float }),
    norm("stem.bn", "stem"),
    quantize("stem.act", "stem.bn"),
    conv("signs", "stem.act", filters, {
      kernel: [side, side],
      padding: [padding, padding, padding, padding],
      groups,
    }),
    norm("signs.bn", "signs"),
    quantize("signs.act", "signs.bn"),
    ...(filters % 8 === 0
      ? ([{ name: "shuffle", kind: "shuffle", inputs: ["signs.act"], groups: 8 }] as const)
      : []),
    conv("last", filters % 8 === 0 ? "shuffle" : "signs.act", 5, last),
  ];
  return {
    inputs: [{ name: "images", shape: [7, 6, 3] }],
    nodes,
    outputs: [{ name: "maps", value: "last" }],
  };
};

const straightThrough = "saturate";

/** Nets of every size of a layer with weights and activations of signs, with and without zeros. */
export const signGraphs = (): Graph[] =>
  LAYERS.flatMap((layer) =>
    (["binary", "ternary"] as const).flatMap((kind) => {
      const weights: WeightQuantization =
        kind === "binary" ? { kind, hasAlpha: true } : { kind, hasAlpha: true, gapRatio: null };
      return [
        layerGraph(layer, weights, { kind: "binary", values: "sign", straightThrough }),
        layerGraph(layer, weights, { kind: "binary", values: "zero-one", straightThrough }),
        layerGraph(layer, weights, { kind: "ternary", straightThrough }),
      ];
    }),
  );
