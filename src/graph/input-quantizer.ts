import type { Graph, Node, ValueId } from "./graph.js";
import { nodesByName, producerName } from "./producers.js";
import type { ActivationQuantization } from "./quantizers.js";

/** Kinds whose outputs are mostly inputs in other places, so that quantized inputs stay on their grid. */
const KEEPS_GRID: ReadonlySet<Node["kind"]> = new Set([
  "averagePool",
  "dropout",
  "flatten",
  "maxPool",
  "pad",
  "pixelShuffle",
  "reshape",
  "shuffle",
  "split",
]);

/** The node that computes an input, followed by those before it as long as they keep its grid. */
const sourcesOf = (graph: Pick<Graph, "nodes">, value: ValueId): Node[] => {
  const byName = nodesByName(graph);
  const sources: Node[] = [];
  let producer = byName.get(producerName(value));
  while (producer) {
    sources.push(producer);
    if (!KEEPS_GRID.has(producer.kind)) break;
    producer = byName.get(producerName(producer.inputs[0] as ValueId));
  }
  return sources;
};

/**
 * The quantizer that the values of a node's input went through; null for float inputs. Pools and dropout in between may
 * leave the grid: means lie between its levels.
 */
export const inputQuantizer = (
  graph: Pick<Graph, "nodes">,
  value: ValueId,
): ActivationQuantization | null => {
  const producer = sourcesOf(graph, value).at(-1);
  return producer?.kind === "quantize" ? producer.quantizer : null;
};

/** Whether the values of an input may lie between the levels of their quantizer, since they are means. */
export const hasMeans = (graph: Pick<Graph, "nodes">, value: ValueId): boolean =>
  sourcesOf(graph, value).some(({ kind }) => kind === "averagePool");
