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
  "reshape",
  "shuffle",
  "split",
]);

/**
 * The quantizer that the values of a node's input went through; null for float inputs. Pools and dropout in between may
 * leave the grid: means lie between its levels.
 */
export const inputQuantizer = (
  graph: Pick<Graph, "nodes">,
  value: ValueId,
): ActivationQuantization | null => {
  const byName = nodesByName(graph);
  let producer = byName.get(producerName(value));
  while (producer && KEEPS_GRID.has(producer.kind)) {
    producer = byName.get(producerName(producer.inputs[0] as ValueId));
  }
  return producer?.kind === "quantize" ? producer.quantizer : null;
};
