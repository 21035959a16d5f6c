import { plainNode, type ReadNode } from "../operators/read-node.js";

// TensorFlow writes a dilated convolution as three nodes: SpaceToBatchND takes the rows and columns that are a dilation apart as
// images of their own, a convolution follows, and BatchToSpaceND puts them together again.

const CONVS: ReadonlySet<string> = new Set([
  "Conv2D",
  "_FusedConv2D",
  "DepthwiseConv2dNative",
  "FusedDepthwiseConv2dNative",
]);

/** The numbers of a constant by its name. */
export type NumbersNamed = (name: string) => readonly number[] | undefined;

interface Dilated {
  readonly before: ReadNode;
  readonly conv: ReadNode;
  readonly after: ReadNode;
}

/** The borders of a dilated convolution: what is added before, less what is cropped after it. */
const bordersOf = ({ before, after }: Dilated, numbersNamed: NumbersNamed) => {
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
  const borders = pads.map((border, at) => border - (crops[at] ?? 0));
  const startsWhole = crops[0] === 0 && crops[2] === 0;
  if (!startsWhole || borders.some((border) => border < 0)) return undefined;
  return { dilation: [1, rows, columns, 1], borders: [0, 0, ...borders, 0, 0] };
};

const dilatedConv = (dilated: Dilated, numbersNamed: NumbersNamed): ReadNode | undefined => {
  const { before, conv, after } = dilated;
  const isPlain =
    conv.text("padding", "VALID") === "VALID" &&
    [...(conv.ints("strides") ?? []), ...(conv.ints("dilations") ?? [])].every(
      (each) => each === 1,
    );
  const found = isPlain ? bordersOf(dilated, numbersNamed) : undefined;
  if (!found) return undefined;
  const [image = "", ...others] = [before.inputs[0] ?? "", ...conv.inputs.slice(1)];
  const { name, op } = conv;
  return plainNode(
    { name, op, inputs: [image, ...others], outputs: after.outputs },
    {
      strides: [1, 1, 1, 1],
      dilations: found.dilation,
      padding: "EXPLICIT",
      explicit_paddings: found.borders,
      fused_ops: conv.text("fused_ops", ""),
      leakyrelu_alpha: conv.float("leakyrelu_alpha", 0.2),
    },
  );
};

/** The nodes with dilated convolutions as single nodes. */
export const withDilatedConvs = (
  nodes: readonly ReadNode[],
  numbersNamed: NumbersNamed,
): ReadNode[] => {
  const byOutput = new Map(nodes.map((node) => [node.outputs[0] ?? "", node]));
  const readers = new Map<string, number>();
  for (const value of nodes.flatMap(({ inputs }) => inputs))
    readers.set(value, (readers.get(value) ?? 0) + 1);
  const replaced = new Map<ReadNode, ReadNode | undefined>();
  for (const after of nodes) {
    const conv = after.op === "BatchToSpaceND" ? byOutput.get(after.inputs[0] ?? "") : undefined;
    const before = conv && CONVS.has(conv.op) ? byOutput.get(conv.inputs[0] ?? "") : undefined;
    if (!conv || before?.op !== "SpaceToBatchND") continue;
    const isReadOnce = [conv, before].every(({ outputs }) => readers.get(outputs[0] ?? "") === 1);
    const dilated = isReadOnce ? dilatedConv({ before, conv, after }, numbersNamed) : undefined;
    if (!dilated) continue;
    replaced.set(after, dilated);
    replaced.set(conv, undefined);
    replaced.set(before, undefined);
  }
  return nodes.flatMap((node) => (replaced.has(node) ? (replaced.get(node) ?? []) : [node]));
};
