import type { NodeOf } from "../../../graph/graph.js";
import { FLOAT, INT, intAttribute, type TfGraphBuilder } from "../tf-graph.js";
import { type Lowering, onlyInput } from "./lowering.js";

/** Sums the inputs one by one, from the first to the last. */
export const lowerAdd = (node: NodeOf<"add">, { builder, nameOf, sourceOf }: Lowering): string => {
  const name = nameOf(node);
  const [first, ...others] = node.inputs.map(sourceOf) as [string, ...string[]];
  return others.reduce((sum, value, index) => {
    const isLast = index === others.length - 1;
    return builder.add("AddV2", isLast ? name : `${name}/sum_${index}`, [sum, value]);
  }, first);
};

/** Factors per channel have the shape [n, 1, 1, c], which TensorFlow broadcasts. */
export const lowerMultiply = (
  node: NodeOf<"multiply">,
  { builder, nameOf, sourceOf }: Lowering,
): string => builder.add("Mul", nameOf(node), node.inputs.map(sourceOf));

/** The axis of channels or features, counted with that of the images. */
const channelAxis = (builder: TfGraphBuilder, what: string, dimensions: number): string =>
  builder.ints(dimensions === 3 ? what : `${what}_1`, [dimensions], []);

export const lowerConcat = (node: NodeOf<"concat">, lowering: Lowering): string => {
  const { builder, nameOf, sourceOf } = lowering;
  const { shape } = onlyInput(lowering, node);
  const axis = channelAxis(builder, "concat_axis", shape.length);
  return builder.add("ConcatV2", nameOf(node), [...node.inputs.map(sourceOf), axis], {
    T: FLOAT,
    Tidx: INT,
    N: intAttribute(node.inputs.length),
  });
};

export const lowerSplit = (node: NodeOf<"split">, lowering: Lowering): string[] => {
  const { builder, nameOf } = lowering;
  const { x, shape } = onlyInput(lowering, node);
  const { sizes } = node;
  const axis = channelAxis(builder, "split_axis", shape.length);
  const split = builder.add(
    "SplitV",
    nameOf(node),
    [x, builder.ints(`sizes_${sizes.join("_")}`, sizes), axis],
    { T: FLOAT, Tlen: INT, num_split: intAttribute(sizes.length) },
  );
  // A node's name without an index refers to its first output.
  return sizes.map((_, part) => (part === 0 ? split : `${split}:${part}`));
};
