import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { quoted } from "../../base/visible-text.js";
import type { ReadNode } from "../operators/read-node.js";
import type { Value } from "../operators/value.js";

/** Operators that a message lists. */
const MAX_LISTED = 5;

/** The unknown operators of a net with their numbers, as in Erf (12). */
const unknownText = (nodes: readonly ReadNode[], isKnown: (op: string) => boolean): string => {
  const counts = new Map<string, number>();
  for (const { op } of nodes.filter((node) => !isKnown(node.op)))
    counts.set(op, (counts.get(op) ?? 0) + 1);
  const all = [...counts].map(([op, count]) => (count === 1 ? op : `${op} (${count})`));
  const listed = all.slice(0, MAX_LISTED).join(", ");
  if (all.length === 0) return "";
  return ` Unsupported operators: ${listed}${all.length > MAX_LISTED ? ", …" : ""}.`;
};

interface Refused {
  readonly node: ReadNode;
  /** All nodes of the net. */
  readonly nodes: readonly ReadNode[];
  /** As the end of a sentence about the node. */
  readonly reason: string;
  readonly where: string;
  /** Whether an operator is one that nets may have. */
  readonly isKnown: (op: string) => boolean;
  /** What is known so far. */
  readonly values: ReadonlyMap<string, Value>;
}

/** The last node before one whose output may be that of a net. */
const lastKnown = ({ node, nodes, values }: Refused): string | undefined => {
  const ends = node.inputs.filter((name) => {
    const value = values.get(name);
    return value?.kind === "computed" && [2, 4].includes(value.axes.length);
  });
  return nodes.find(({ outputs }) => outputs.some((name) => ends.includes(name)))?.name;
};

/** The error for a node that nets do not have. */
export const refusal = (refused: Refused): QpruneError => {
  const { node, nodes, reason, where, isKnown } = refused;
  const known = nodes.filter((each) => each !== node && isKnown(each.op)).length;
  const end = lastKnown(refused);
  const until = end === undefined ? "" : ` ${option("until")} ${end} takes the net up to there.`;
  return new QpruneError(
    `${where}: node ${quoted(node.name)} (${node.op}) ${reason}. ${known} of its ${nodes.length} nodes are supported.${unknownText(nodes, isKnown)}`,
    { hint: `Export it without this node, or take the part before it.${until}` },
  );
};
