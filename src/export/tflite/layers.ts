import type { GraphNode, TfGraph } from "../tfjs/tf-graph.js";

/** A convolution or dense layer with what follows it, as one operator. */
export interface FusedLayer {
  readonly node: GraphNode;
  /** Factors of the filters, and what is added to their outputs, as constants by name; undefined if absent. */
  readonly scale: string | undefined;
  readonly shift: string | undefined;
  readonly function: "none" | "relu" | "relu6";
  /** The node whose output it computes. */
  readonly output: string;
}

const LAYERS: ReadonlySet<string> = new Set(["Conv2D", "DepthwiseConv2dNative", "MatMul"]);
const FUNCTIONS: Readonly<Record<string, "relu" | "relu6">> = { Relu: "relu", Relu6: "relu6" };

/** The layers of a graph by the name of their first node, and the nodes that became parts of them. */
export interface FusedLayers {
  readonly byNode: ReadonlyMap<string, FusedLayer>;
  readonly parts: ReadonlySet<string>;
}

/** Joins layers with the scale, the shift and the ReLU after them. */
export const fuseLayers = ({ nodes, weights }: TfGraph): FusedLayers => {
  const consumers = new Map<string, GraphNode[]>();
  for (const node of nodes)
    for (const input of node.input) {
      const known = consumers.get(input);
      if (known) known.push(node);
      else consumers.set(input, [node]);
    }
  const vectors = new Set(weights.flatMap(({ name, shape }) => (shape.length === 1 ? [name] : [])));
  const byNode = new Map<string, FusedLayer>();
  const parts = new Set<string>();
  for (const node of nodes) {
    if (!LAYERS.has(node.op)) continue;
    let output = node.name;
    /** The only consumer if it is of an operator, which becomes a part of the layer. */
    const next = (op: string): GraphNode | undefined => {
      const [only, ...others] = consumers.get(output) ?? [];
      const isPart = only?.op === op && others.length === 0;
      if (!isPart || (only.input.length === 2 && !vectors.has(only.input[1] ?? "")))
        return undefined;
      parts.add(only.name);
      output = only.name;
      return only;
    };
    const scale = next("Mul")?.input[1];
    const shift = next("AddV2")?.input[1];
    const activation = next("Relu") ?? next("Relu6");
    const name = FUNCTIONS[activation?.op ?? ""] ?? "none";
    byNode.set(node.name, { node, scale, shift, function: name, output });
  }
  return { byNode, parts };
};
