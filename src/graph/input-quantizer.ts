import type { Graph, Node, ValueId } from "./graph.js";
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
  { nodes }: Pick<Graph, "nodes">,
  value: ValueId,
): ActivationQuantization | null => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  let producer = byName.get(value.split(":")[0] as string);
  while (producer && KEEPS_GRID.has(producer.kind)) {
    producer = byName.get(producer.inputs[0]?.split(":")[0] ?? "");
  }
  return producer?.kind === "quantize" ? producer.quantizer : null;
};
