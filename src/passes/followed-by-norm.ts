import type { Consumer, Node, ValueId } from "../graph/graph.js";

/** Whether a node's output scales with its input, so that a norm after it removes a factor. */
const keepsFactors = (node: Node): boolean =>
  node.kind === "maxPool" ||
  node.kind === "averagePool" ||
  node.kind === "shuffle" ||
  node.kind === "pixelShuffle" ||
  node.kind === "dropout" ||
  (node.kind === "activation" && node.function === "relu");

/** Whether a batch norm follows a node, directly or after nodes that keep factors: it removes the scale of the node's output. */
export const isFollowedByNorm = (
  consumers: ReadonlyMap<ValueId, readonly Consumer[]>,
  { name }: Node,
): boolean => {
  const [next, ...others] = consumers.get(name) ?? [];
  if (!next?.node || others.length > 0) return false;
  if (next.node.kind === "batchNorm") return true;
  return keepsFactors(next.node) && isFollowedByNorm(consumers, next.node);
};
