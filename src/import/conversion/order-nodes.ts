import type { ReadNode } from "../operators/read-node.js";

/** The nodes in an order in which each comes after those whose outputs it reads. Nodes of a cycle come last. */
export const orderedNodes = (nodes: readonly ReadNode[]): ReadNode[] => {
  const producers = new Map<string, ReadNode>();
  for (const node of nodes) for (const value of node.outputs) producers.set(value, node);
  const consumers = new Map<ReadNode, ReadNode[]>();
  const missing = new Map<ReadNode, number>();
  for (const node of nodes) {
    const read = new Set(
      node.inputs.flatMap((value) => {
        const producer = producers.get(value);
        return producer ? [producer] : [];
      }),
    );
    missing.set(node, read.size);
    for (const producer of read) {
      const known = consumers.get(producer);
      if (known) known.push(node);
      else consumers.set(producer, [node]);
    }
  }
  const ordered = nodes.filter((node) => missing.get(node) === 0);
  // The list grows while it is walked.
  for (const node of ordered) {
    for (const consumer of consumers.get(node) ?? []) {
      const left = (missing.get(consumer) ?? 0) - 1;
      missing.set(consumer, left);
      if (left === 0) ordered.push(consumer);
    }
  }
  const done = new Set(ordered);
  return [...ordered, ...nodes.filter((node) => !done.has(node))];
};
