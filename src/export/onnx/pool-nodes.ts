import { slide } from "../../base/sliding-window.js";
import type { NodeOf } from "../../graph/graph.js";
import { isMaps, type Shape } from "../../graph/shape.js";
import type { Padding } from "../../graph/window.js";
import { CONSTANT_PAD, type Lowering, onlyInput } from "./lowering.js";

/** Rows and columns beyond the padding that the last windows reach where sides are rounded up. */
const beyond = (
  { kernel, stride, padding, ...pool }: NodeOf<"maxPool"> | NodeOf<"averagePool">,
  shape: Shape,
): readonly [number, number] => {
  if (!isMaps(shape)) throw new Error("pools read maps");
  const sides = slide(shape[0], shape[1], { kernel, stride, padding, roundsUp: pool.roundsUp });
  const [rows, columns] = ([0, 1] as const).map((axis) => {
    const reached = (sides[axis] - 1) * stride[axis] + kernel[axis];
    const whole = shape[axis] + padding[axis] + (padding[axis + 2] as number);
    return Math.max(reached - whole, 0);
  });
  return [rows as number, columns as number];
};

/** What both ends have more of: [top, left, bottom, right]. */
const extended = (padding: Padding, [rows, columns]: readonly [number, number]): Padding => [
  padding[0],
  padding[1],
  padding[2] + rows,
  padding[3] + columns,
];

/** Sides are rounded up by explicit padding, since programs disagree on ceil_mode. */
export const lowerMaxPool = (node: NodeOf<"maxPool">, lowering: Lowering): string => {
  const { x, shape } = onlyInput(lowering, node);
  const { kernel, stride, padding } = node;
  return lowering.builder.add("MaxPool", {
    name: lowering.nameOf(node),
    inputs: [x],
    attributes: {
      kernel_shape: kernel,
      pads: extended(padding, beyond(node, shape)),
      strides: stride,
    },
  });
};

/** Padding that counts is added first if the last windows reach beyond it, since what is beyond does not count. */
export const lowerAveragePool = (node: NodeOf<"averagePool">, lowering: Lowering): string => {
  const { builder } = lowering;
  const { x, shape } = onlyInput(lowering, node);
  const { kernel, stride, padding, countsPadding } = node;
  const more = beyond(node, shape);
  const [top, left, bottom, right] = padding;
  const isPadded = countsPadding && Math.max(...more) > 0 && Math.max(...padding) > 0;
  const input = isPadded
    ? builder.add("Pad", {
        name: `${node.name}/padded`,
        inputs: [x, builder.ints([0, 0, top, left, 0, 0, bottom, right])],
        attributes: CONSTANT_PAD,
      })
    : x;
  return builder.add("AveragePool", {
    name: lowering.nameOf(node),
    inputs: [input],
    attributes: {
      count_include_pad: Number(countsPadding && !isPadded && Math.max(...more) === 0),
      kernel_shape: kernel,
      pads: extended(isPadded ? [0, 0, 0, 0] : padding, more),
      strides: stride,
    },
  });
};

export const lowerGlobalPool = (node: NodeOf<"globalPool">, lowering: Lowering): string => {
  const { builder } = lowering;
  const { x } = onlyInput(lowering, node);
  const name = lowering.nameOf(node);
  const op = node.function === "mean" ? "GlobalAveragePool" : "GlobalMaxPool";
  if (node.keepsMaps) return builder.add(op, { name, inputs: [x] });
  const maps = builder.add(op, { name: `${node.name}/maps`, inputs: [x] });
  return builder.add("Flatten", { name, inputs: [maps], attributes: { axis: 1 } });
};
