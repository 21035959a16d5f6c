import type { Padding, Pair } from "../../graph/window.js";
import { type PlainAttributes, plainNode, type ReadNode } from "../operators/read-node.js";

// TensorFlow writes a dilated convolution as three nodes: one takes the rows and columns that are a dilation apart as images of their
// own, a convolution follows, and one puts them together again.

/** How a format writes the three nodes, and a dilated convolution as one. */
export interface DilationDialect {
  readonly before: string;
  readonly after: string;
  readonly convs: ReadonlySet<string>;
  /** Whether a convolution has neither padding, strides nor dilation. */
  readonly isPlain: (conv: ReadNode) => boolean;
  /** The attributes of a convolution that takes the place of the three nodes. */
  readonly attributesOf: (conv: ReadNode, found: Dilation) => PlainAttributes;
}

/** What the two nodes around a convolution mean. */
export interface Dilation {
  readonly dilation: Pair;
  readonly padding: Padding;
}

/** The numbers of a constant by its name. */
export type NumbersNamed = (name: string) => readonly number[] | undefined;

interface Dilated {
  readonly before: ReadNode;
  readonly conv: ReadNode;
  readonly after: ReadNode;
}

/** The borders of a dilated convolution: what is added before, less what is cropped after it. */
const bordersOf = (
  { before, after }: Dilated,
  numbersNamed: NumbersNamed,
): Dilation | undefined => {
  const [block, pads] = [1, 2].map((index) => numbersNamed(before.inputs[index] ?? ""));
  const [sameBlock, crops] = [1, 2].map((index) => numbersNamed(after.inputs[index] ?? ""));
  const [rows, columns] = block ?? [];
  const isWhole =
    rows !== undefined &&
    columns !== undefined &&
    String(block) === String(sameBlock) &&
    pads?.length === 4 &&
    crops?.length === 4;
  if (!isWhole) return undefined;
  const [top = 0, bottom = 0, left = 0, right = 0] = pads.map(
    (border, at) => border - (crops[at] ?? 0),
  );
  const startsWhole = crops[0] === 0 && crops[2] === 0;
  if (!startsWhole || Math.min(top, bottom, left, right) < 0) return undefined;
  return { dilation: [rows, columns], padding: [top, left, bottom, right] };
};

/** The nodes with dilated convolutions as single nodes. */
export const withDilatedConvs = (
  nodes: readonly ReadNode[],
  numbersNamed: NumbersNamed,
  dialect: DilationDialect,
): ReadNode[] => {
  const byOutput = new Map(nodes.map((node) => [node.outputs[0] ?? "", node]));
  const readers = new Map<string, number>();
  for (const value of nodes.flatMap(({ inputs }) => inputs))
    readers.set(value, (readers.get(value) ?? 0) + 1);
  const replaced = new Map<ReadNode, ReadNode | undefined>();
  for (const after of nodes) {
    const conv = after.op === dialect.after ? byOutput.get(after.inputs[0] ?? "") : undefined;
    const before =
      conv && dialect.convs.has(conv.op) ? byOutput.get(conv.inputs[0] ?? "") : undefined;
    if (!conv || before?.op !== dialect.before) continue;
    const isReadOnce = [conv, before].every(({ outputs }) => readers.get(outputs[0] ?? "") === 1);
    const dilation =
      isReadOnce && dialect.isPlain(conv)
        ? bordersOf({ before, conv, after }, numbersNamed)
        : undefined;
    if (!dilation) continue;
    const { name, op } = conv;
    const inputs = [before.inputs[0] ?? "", ...conv.inputs.slice(1)];
    const attributes = dialect.attributesOf(conv, dilation);
    const dilated = plainNode({ name, op, inputs, outputs: after.outputs }, attributes);
    replaced.set(after, dilated);
    replaced.set(conv, undefined);
    replaced.set(before, undefined);
  }
  return nodes.flatMap((node) => (replaced.has(node) ? (replaced.get(node) ?? []) : [node]));
};
