import { consumersOf, type Graph, type Node } from "../../graph/graph.js";
import { nodesByName } from "../../graph/producers.js";
import { isWeighted } from "../../graph/stored-form.js";

/** Nodes between a norm and the layer whose input it prepares. */
const PREPARES: ReadonlySet<Node["kind"]> = new Set(["quantize", "activation", "prelu", "shuffle"]);
const ACTIVATIONS: ReadonlySet<Node["kind"]> = new Set(["quantize", "activation", "prelu"]);

const isNorm = ({ kind }: Node): boolean => kind === "batchNorm" || kind === "affine";

/** The layers next to nodes. */
interface Surroundings {
  readonly named: ReadonlyMap<string, Node>;
  /** The layer that a node prepares, over nodes that nothing else reads; undefined if there is none. */
  readonly layerAfter: (node: Node) => Node | undefined;
  /** The layer before a pool, over its activation. */
  readonly layerBefore: (node: Node) => Node | undefined;
}

const surroundingsOf = (graph: Graph): Surroundings => {
  const named = nodesByName(graph);
  const consumers = consumersOf(graph);
  const layerAfter = (node: Node): Node | undefined => {
    const [next, ...others] = consumers.get(node.name) ?? [];
    if (!next?.node || others.length > 0) return undefined;
    if (isWeighted(next.node)) return next.node;
    return PREPARES.has(next.node.kind) ? layerAfter(next.node) : undefined;
  };
  const layerBefore = (node: Node): Node | undefined => {
    const producer = named.get(node.inputs[0] ?? "");
    if (!producer || isWeighted(producer)) return producer;
    return ACTIVATIONS.has(producer.kind) ? layerBefore(producer) : undefined;
  };
  return { named, layerAfter, layerBefore };
};

/** The name that a node should have by its place next to a layer; undefined if it has none. */
const placeName = (
  node: Node,
  { named, layerAfter, layerBefore }: Surroundings,
  names: ReadonlyMap<string, string>,
): string | undefined => {
  const below = (owner: Node | undefined, part: string): string | undefined =>
    owner && names.has(owner.name) ? `${names.get(owner.name)}/${part}` : undefined;
  switch (node.kind) {
    case "quantize":
    case "activation":
    case "prelu": {
      const producer = named.get(node.inputs[0] ?? "");
      const isOwner = producer && (isWeighted(producer) || isNorm(producer));
      return below(isOwner ? producer : undefined, "activation");
    }
    case "batchNorm":
    case "affine":
      return below(layerAfter(node), "input");
    case "shuffle":
      return below(layerAfter(node), "shuffle");
    case "maxPool":
    case "averagePool":
      return below(layerBefore(node), "pool");
    default:
      return undefined;
  }
};

/**
 * The names of a graph's nodes in TensorFlow, unique prefixes by the nodes' own names. Layers are conv0, conv1, dense0; what
 * belongs to a layer has its name: conv1/input, conv1/shuffle, conv1/activation, conv1/pool. All others are numbered by kind:
 * add0, concat0. A global pool that is an output of the graph has the output's name.
 */
export const nodeNames = (graph: Graph): ReadonlyMap<string, string> => {
  const surroundings = surroundingsOf(graph);
  const names = new Map<string, string>();
  const taken = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  const counts = new Map<string, number>();
  const numbered = (kind: string): string => {
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    return taken.has(`${kind}${count}`) ? numbered(kind) : `${kind}${count}`;
  };
  const give = (node: Node, name: string): void => {
    names.set(node.name, name);
    taken.add(name);
  };
  for (const node of graph.nodes) if (isWeighted(node)) give(node, numbered(node.kind));
  for (const node of graph.nodes) {
    if (names.has(node.name)) continue;
    const output = graph.outputs.find(({ value }) => value === node.name);
    if (node.kind === "globalPool" && output) {
      names.set(node.name, output.name);
      continue;
    }
    const wanted = placeName(node, surroundings, names);
    give(node, wanted !== undefined && !taken.has(wanted) ? wanted : numbered(node.kind));
  }
  return names;
};
