import type { SlidingWindow } from "../../../base/sliding-window.js";
import { type Node, type NodeOf, valuesOf } from "../../../graph/graph.js";
import type { MapShape } from "../../../graph/shape.js";
import type { Padding } from "../../../graph/window.js";
import { quantizerActivation } from "../../../quant/activations/activation-of.js";
import {
  FLOAT,
  flagAttribute,
  type GraphNode,
  INT,
  intsAttribute,
  type TfGraphBuilder,
  textAttribute,
} from "../tf-graph.js";
import { functionActivation, leastValue } from "./activation-nodes.js";
import { type Lowering, onlyInput } from "./lowering.js";
import { addPadding } from "./padding.js";

type Pool = NodeOf<"maxPool"> | NodeOf<"averagePool">;

const window = ({ kernel, stride }: SlidingWindow): GraphNode["attr"] => ({
  T: FLOAT,
  ksize: intsAttribute([1, ...kernel, 1]),
  strides: intsAttribute([1, ...stride, 1]),
  padding: textAttribute("VALID"),
  data_format: textAttribute("NHWC"),
});

/** The input, output and padding of a pool. */
interface PoolGeometry {
  readonly pool: Pool;
  readonly before: MapShape;
  readonly after: MapShape;
}

const geometryOf = (pool: Pool, { shapeOf }: Lowering): PoolGeometry => ({
  pool,
  // The facts of pools let only maps pass.
  before: shapeOf(pool.inputs[0] as string) as MapShape,
  after: shapeOf(valuesOf(pool)[0] as string) as MapShape,
});

/** The padding with which VALID has all windows: where sides are rounded up, the last ones reach beyond the padding. */
const fullPadding = ({ pool, before, after }: PoolGeometry): Padding => {
  const [top, left, bottom, right] = pool.padding;
  const beyond = (axis: 0 | 1, padding: number): number =>
    Math.max(0, (after[axis] - 1) * pool.stride[axis] + pool.kernel[axis] - before[axis] - padding);
  return [top, left, bottom + beyond(0, top + bottom), right + beyond(1, left + right)];
};

/** A lower bound of the values that a node computes. */
const leastOf = (node: Node | undefined): number => {
  if (node?.kind === "quantize") return leastValue(quantizerActivation(node.quantizer));
  if (node?.kind === "activation") return leastValue(functionActivation(node));
  return Number.NEGATIVE_INFINITY;
};

/** Maxima are padded with the smallest possible value of the input. */
export const lowerMaxPool = (node: NodeOf<"maxPool">, lowering: Lowering): string => {
  const { builder, producerOf } = lowering;
  const name = lowering.nameOf(node);
  const padding = fullPadding(geometryOf(node, lowering));
  const least = leastOf(producerOf(node.inputs[0] as string));
  const { x } = onlyInput(lowering, node);
  const padded = addPadding(builder, `${name}/padded`, x, { padding, value: least });
  return builder.add("MaxPool", name, [padded], window(node));
};

/** The number of values of which each position along an axis is the mean. */
const countsAlong = ({ pool, before, after }: PoolGeometry, axis: 0 | 1): number[] => {
  const [start, end] = [pool.padding[axis], pool.padding[axis + 2] as number];
  const least = pool.kind === "averagePool" && pool.countsPadding ? -start : 0;
  const most =
    pool.kind === "averagePool" && pool.countsPadding ? before[axis] + end : before[axis];
  return Array.from({ length: after[axis] }, (_, position) => {
    const first = position * pool.stride[axis] - start;
    return Math.min(first + pool.kernel[axis], most) - Math.max(first, least);
  });
};

/** Multiplies means over whole windows by the window's area / the number of values that count, where these differ. */
const addCorrection = (
  builder: TfGraphBuilder,
  name: string,
  x: string,
  geometry: PoolGeometry,
): string => {
  const { kernel } = geometry.pool;
  const [rows, columns] = [countsAlong(geometry, 0), countsAlong(geometry, 1)];
  const factors = rows.flatMap((row) =>
    columns.map((column) => (kernel[0] * kernel[1]) / (row * column)),
  );
  if (factors.every((factor) => factor === 1)) return x;
  const share = builder.constant({
    name: `${name}/share`,
    shape: [rows.length, columns.length, 1],
    kind: "float32",
    values: Float32Array.from(factors),
  });
  return builder.add("Mul", `${name}/corrected`, [x, share]);
};

/** TensorFlow's own padding is not symmetric, so a separate node pads first, with zeros. */
export const lowerAveragePool = (node: NodeOf<"averagePool">, lowering: Lowering): string => {
  const { builder } = lowering;
  const name = lowering.nameOf(node);
  const geometry = geometryOf(node, lowering);
  const { x } = onlyInput(lowering, node);
  const padding = fullPadding(geometry);
  const padded = addPadding(builder, `${name}/padded`, x, { padding, value: 0 });
  const means = builder.add("AvgPool", name, [padded], window(node));
  return addCorrection(builder, name, means, geometry);
};

/** The mean or maximum over height and width: [n, h, w, c] -> [n, c] or [n, 1, 1, c]. */
export const lowerGlobalPool = (node: NodeOf<"globalPool">, lowering: Lowering): string => {
  const { builder } = lowering;
  const { x } = onlyInput(lowering, node);
  const op = node.function === "mean" ? "Mean" : "Max";
  return builder.add(op, lowering.nameOf(node), [x, builder.ints("map_axes", [1, 2])], {
    T: FLOAT,
    Tidx: INT,
    keep_dims: flagAttribute(node.keepsMaps),
  });
};
