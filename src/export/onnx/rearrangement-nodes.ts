import { type NodeOf, type ValueId, valuesOf } from "../../graph/graph.js";
import type { MapShape } from "../../graph/shape.js";
import { CONSTANT_PAD, type Lowering, onlyInput } from "./lowering.js";

/** Transposes the channels as [groups, c / groups]. */
export const lowerShuffle = (node: NodeOf<"shuffle">, lowering: Lowering): string => {
  const { add, ints } = lowering.builder;
  const { x, shape } = onlyInput(lowering, node);
  // The facts of a shuffle let only maps pass.
  const [height, width, channels] = shape as MapShape;
  const parts = ints([0, node.groups, channels / node.groups, height, width]);
  const grouped = add("Reshape", { name: `${node.name}/groups`, inputs: [x, parts] });
  const swapped = add("Transpose", {
    name: `${node.name}/swapped`,
    inputs: [grouped],
    attributes: { perm: [0, 2, 1, 3, 4] },
  });
  const maps = ints([0, channels, height, width]);
  return add("Reshape", { name: lowering.nameOf(node), inputs: [swapped, maps] });
};

/** The order of channels is that of PyTorch, by columns and rows of blocks last. */
export const lowerPixelShuffle = (node: NodeOf<"pixelShuffle">, lowering: Lowering): string =>
  lowering.builder.add("DepthToSpace", {
    name: lowering.nameOf(node),
    inputs: [onlyInput(lowering, node).x],
    attributes: { blocksize: node.factor, mode: "CRD" },
  });

export const lowerPad = (node: NodeOf<"pad">, lowering: Lowering): string => {
  const { builder, nameOf } = lowering;
  const [top, left, bottom, right] = node.padding;
  const [before, after] = node.channels ?? [0, 0];
  const borders = builder.ints([0, before, top, left, 0, after, bottom, right]);
  const inputs = [onlyInput(lowering, node).x, borders, builder.scalar(node.value)];
  return builder.add("Pad", { name: nameOf(node), inputs, attributes: CONSTANT_PAD });
};

/** The factor by which one side becomes another, if its product in float32 or float64, rounded down, is that side. */
const exactScale = (from: number, to: number): number | undefined => {
  const scale = Math.fround(to / from);
  return [scale * from, Math.fround(scale * from)].every((side) => Math.floor(side) === to)
    ? scale
    : undefined;
};

/**
 * The inputs of a Resize for its factors or sizes. Factors of all axes are preferred: onnxruntime's optimizer fails for sizes of two
 * axes that several nodes share (seen with 1.30 and 1.32).
 */
const resizeTo = (
  { builder, shapeOf }: Lowering,
  { inputs, height, width }: NodeOf<"resize">,
): { readonly inputs: readonly string[]; readonly axes?: readonly number[] } => {
  const [ownHeight, ownWidth] = shapeOf(inputs[0] as ValueId) as MapShape;
  const [down, across] = [exactScale(ownHeight, height), exactScale(ownWidth, width)];
  return down !== undefined && across !== undefined
    ? { inputs: ["", builder.floats([1, 1, down, across])] }
    : { inputs: ["", "", builder.ints([height, width])], axes: [2, 3] };
};

/** PyTorch's interpolate takes half-pixel centers, unless corners are aligned; its `nearest` takes none. */
export const lowerResize = (node: NodeOf<"resize">, lowering: Lowering): string => {
  const { method, alignsCorners } = node;
  const linear = alignsCorners ? "align_corners" : "half_pixel";
  const { inputs, axes } = resizeTo(lowering, node);
  return lowering.builder.add("Resize", {
    name: lowering.nameOf(node),
    inputs: [onlyInput(lowering, node).x, ...inputs],
    attributes: {
      ...(axes && { axes }),
      coordinate_transformation_mode: method === "nearest" ? "asymmetric" : linear,
      mode: method === "nearest" ? "nearest" : "linear",
      nearest_mode: "floor",
    },
  });
};

export const lowerFlatten = (node: NodeOf<"flatten">, lowering: Lowering): string =>
  lowering.builder.add("Flatten", {
    name: lowering.nameOf(node),
    inputs: [onlyInput(lowering, node).x],
    attributes: { axis: 1 },
  });

/** Channels come first in ONNX, so the order of the numbers is PyTorch's. */
export const lowerReshape = (node: NodeOf<"reshape">, lowering: Lowering): string => {
  const { shape } = node;
  const dims = shape.length === 1 ? shape : [shape[2], shape[0], shape[1]];
  const inputs = [onlyInput(lowering, node).x, lowering.builder.ints([0, ...dims])];
  return lowering.builder.add("Reshape", { name: lowering.nameOf(node), inputs });
};

const inputsOf = ({ inputs }: NodeOf<"add" | "concat" | "multiply">, { sourceOf }: Lowering) =>
  inputs.map(sourceOf);

export const lowerAdd = (node: NodeOf<"add">, lowering: Lowering): string => {
  const inputs = inputsOf(node, lowering);
  const op = inputs.length === 2 ? "Add" : "Sum";
  return lowering.builder.add(op, { name: lowering.nameOf(node), inputs });
};

export const lowerMultiply = (node: NodeOf<"multiply">, lowering: Lowering): string =>
  lowering.builder.add("Mul", { name: lowering.nameOf(node), inputs: inputsOf(node, lowering) });

export const lowerConcat = (node: NodeOf<"concat">, lowering: Lowering): string =>
  lowering.builder.add("Concat", {
    name: lowering.nameOf(node),
    inputs: inputsOf(node, lowering),
    attributes: { axis: 1 },
  });

export const lowerSplit = (node: NodeOf<"split">, lowering: Lowering): string[] => {
  const values = valuesOf(node);
  const outputs = values.length === 1 ? [lowering.nameOf(node)] : [...values];
  lowering.builder.add("Split", {
    name: node.name,
    inputs: [onlyInput(lowering, node).x, lowering.builder.ints(node.sizes)],
    attributes: { axis: 1 },
    outputs,
  });
  return outputs;
};
