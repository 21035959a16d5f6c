import {
  type Consumer,
  consumersOf,
  type Graph,
  type Node,
  nodesInGraph,
  parametersOf,
  type ValueId,
} from "../graph/graph.js";
import type { ParameterRole } from "../graph/kinds/kind.js";
import { nodesByName, producerName } from "../graph/producers.js";
import { sizeOf } from "../graph/shape.js";
import { isWeighted } from "../graph/stored-form.js";

/** Numbers besides the kernel of a layer. */
export interface LayerVectors {
  /** Trained numbers, or numbers derived from trained ones: bias, gamma, beta, slopes, thresholds. */
  readonly trained: number;
  /** All others: running statistics. */
  readonly statistics: number;
}

const NOT_COUNTED: ReadonlySet<ParameterRole> = new Set(["kernel", "kernelScale", "counter"]);
const STATISTICS: ReadonlySet<ParameterRole> = new Set(["mean", "variance", "observed"]);

interface Surroundings {
  readonly named: ReadonlyMap<string, Node>;
  readonly consumers: ReadonlyMap<ValueId, readonly Consumer[]>;
}

const producerOf = ({ named }: Surroundings, node: Node): Node | undefined =>
  named.get(producerName(node.inputs[0] ?? ""));

const layerAfter = (surroundings: Surroundings, node: Node): Node | undefined => {
  const [next] = surroundings.consumers.get(node.name) ?? [];
  if (!next?.node || isWeighted(next.node)) return next?.node ?? undefined;
  return layerAfter(surroundings, next.node);
};

const layerBefore = (surroundings: Surroundings, node: Node): Node | undefined => {
  const producer = producerOf(surroundings, node);
  return !producer || isWeighted(producer) ? producer : layerBefore(surroundings, producer);
};

/** The layer to which a node belongs: itself, the one that it directly follows, else the next one, else the last one. */
const ownerOf = (surroundings: Surroundings, node: Node): Node | undefined => {
  if (isWeighted(node)) return node;
  const producer = producerOf(surroundings, node);
  if (producer && isWeighted(producer)) return producer;
  return layerAfter(surroundings, node) ?? layerBefore(surroundings, node);
};

/** The numbers besides the kernel of every layer, with those of its norm, by the layer's name. */
export const layerVectors = (graph: Graph): ReadonlyMap<string, LayerVectors> => {
  const named = nodesByName(graph);
  const surroundings = { named, consumers: consumersOf(graph) };
  const vectors = new Map<string, LayerVectors>();
  for (const placed of nodesInGraph(graph)) {
    const owner = ownerOf(surroundings, placed.node)?.name;
    if (owner === undefined) continue;
    let { trained, statistics } = vectors.get(owner) ?? { trained: 0, statistics: 0 };
    for (const { role, shape } of parametersOf(placed)) {
      if (STATISTICS.has(role)) statistics += sizeOf(shape);
      else if (!NOT_COUNTED.has(role)) trained += sizeOf(shape);
    }
    vectors.set(owner, { trained, statistics });
  }
  return vectors;
};
