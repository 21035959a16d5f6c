import { usageError } from "../../base/errors.js";
import { visibleText } from "../../base/visible-text.js";
import type { Graph, ValueId } from "../../graph/graph.js";
import { createGraphBuilder, type GraphBuilder } from "../../graph/graph-builder.js";
import { IMAGES, type ImageShape } from "../../graph/graph-draft.js";
import { isSameShape, shapeText } from "../../graph/shape.js";
import type { DescribedNode } from "./described-kind.js";
import { DESCRIPTION_HINT } from "./description-problems.js";
import type { ReadGraphDescription } from "./graph-description.js";

/** What the graph of a description needs besides its nodes. */
export interface DescribedGraphOptions {
  readonly description: ReadGraphDescription;
  readonly classes: number;
  readonly image: ImageShape;
  /** Whose description it is, for messages; by default the name of the net. */
  readonly where?: string;
}

/** The values that node `index` reads: those that it names, or the only output of the node before it. */
const inputsOf = (
  { inputs }: DescribedNode,
  before: readonly ValueId[],
  at: { readonly where: string; readonly index: number },
): readonly ValueId[] => {
  if (inputs) return inputs;
  if (before.length === 1) return before;
  throw usageError(
    `${at.where}: nodes[${at.index}].inputs: must be given, since the node before it has ${before.length} outputs`,
    `Name one of them, such as ${visibleText(before[0] ?? "")}.`,
  );
};

const checkLogits = (g: GraphBuilder, value: ValueId, classes: number, where: string): void => {
  const shape = g.shapeOf(value);
  if (isSameShape(shape, [classes])) return;
  throw usageError(
    `${where}: the last node computes ${shapeText(shape)}; expected a vector of ${classes}, one number per class`,
    'End with a dense node of "classes" features, or a convolution of "classes" filters and a globalPool.',
  );
};

/**
 * The graph of a description, for images and classes.
 * Example: the nodes [{ kind: "conv", filters: 8, kernel: 3 }, { kind: "globalPool" }, { kind: "dense", features: "classes" }]
 * with images of 32x32x3 and 10 classes have the shapes 32x32x8, 8 and 10.
 * @throws QpruneError (usage) that names the node that does not fit its inputs or the images, and the reason.
 */
export const graphFromDescription = ({
  description: { name, nodes },
  classes,
  image,
  where = name,
}: DescribedGraphOptions): Graph => {
  const g = createGraphBuilder(image, {
    where,
    error: { kind: "usage", hint: DESCRIPTION_HINT },
    laterNames: nodes.flatMap((node) => node.name ?? []),
  });
  let outputs: readonly ValueId[] = [IMAGES];
  for (const [index, node] of nodes.entries()) {
    const isBeforeNorm = nodes[index + 1]?.kind === "batchNorm";
    const inputs = inputsOf(node, outputs, { where, index });
    outputs = node.addTo(g, inputs, { classes, isBeforeNorm });
  }
  const last = outputs.at(-1) as ValueId;
  checkLogits(g, last, classes, where);
  return g.finish(last);
};
