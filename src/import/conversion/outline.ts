import { QpruneError } from "../../base/errors.js";
import { nearestName } from "../../base/nearest-name.js";
import { option } from "../../base/option-reference.js";
import { quoted } from "../../base/visible-text.js";
import type { ImportOptions } from "../imported-model.js";
import type { ReadNode } from "../operators/read-node.js";

/** Where a net ends. */
export interface Outline {
  /** The value that it returns. */
  readonly output: string;
  /** The node that computes it. */
  readonly node: ReadNode;
}

const outputNamed = (
  outputs: readonly string[],
  nodes: readonly ReadNode[],
  where: string,
  { until }: ImportOptions,
): string => {
  if (until !== undefined) {
    const node = nodes.find((each) => each.name === until || each.outputs.includes(until));
    if (node) return node.outputs.includes(until) ? until : (node.outputs[0] ?? "");
    const similar = nearestName(
      until,
      nodes.map(({ name }) => name),
    );
    throw new QpruneError(`${where} has no node ${quoted(until)}.`, {
      kind: "usage",
      hint:
        similar === undefined ? "Give the name of one of its nodes." : `Did you mean ${similar}?`,
    });
  }
  const [output, ...others] = outputs;
  if (output !== undefined && others.length === 0) return output;
  const names = outputs.map(quoted).join(", ");
  throw new QpruneError(
    `${where} has ${outputs.length} outputs${names === "" ? "" : ` (${names})`}; a net has one.`,
    { kind: "usage", hint: `Choose one of them with ${option("until")}.` },
  );
};

/** The end of a net. @throws QpruneError if the file does not have exactly one output and none is chosen. */
export const outlineOf = (
  outputs: readonly string[],
  nodes: readonly ReadNode[],
  where: string,
  options: ImportOptions,
): Outline => {
  const output = outputNamed(outputs, nodes, where, options);
  const node = nodes.find((each) => each.outputs.includes(output));
  if (node) return { output, node };
  throw new QpruneError(`${where}: nothing computes its output ${quoted(output)}.`, {
    hint: "Use another copy of the file, or export it again.",
  });
};

/** The nodes on which a value depends, in their order. */
export const liveNodes = (nodes: readonly ReadNode[], { output }: Outline): ReadNode[] => {
  const needed = new Set([output]);
  const live: ReadNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((value) => needed.has(value))) continue;
    for (const value of node.inputs) needed.add(value);
    live.push(node);
  }
  return live.reverse();
};
