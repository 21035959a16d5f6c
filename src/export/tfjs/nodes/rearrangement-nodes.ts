import type { NodeOf } from "../../../graph/graph.js";
import { isMaps, type MapShape, type Shape, sizeOf } from "../../../graph/shape.js";
import {
  FLOAT,
  flagAttribute,
  INT,
  intAttribute,
  type TfGraphBuilder,
  textAttribute,
} from "../tf-graph.js";
import { type Lowering, onlyInput } from "./lowering.js";
import { addPadding } from "./padding.js";

const RESHAPE = { T: FLOAT, Tshape: INT };
const TRANSPOSE = { T: FLOAT, Tperm: INT };

/** Adds nodes that transpose the channels as [groups, c / groups]. */
const addShuffle = (
  { add, ints }: TfGraphBuilder,
  name: string,
  { x, shape, groups }: { readonly x: string; readonly shape: Shape; readonly groups: number },
): string => {
  // The facts of shuffles let only maps pass.
  const [height, width, inputs] = shape as MapShape;
  const parts = ints(`channels_${groups}x${inputs / groups}`, [-1, groups, inputs / groups]);
  const maps = ints(`maps_${height}x${width}x${inputs}`, [-1, height, width, inputs]);
  const grouped = add("Reshape", `${name}/parts`, [x, parts], RESHAPE);
  const swap = ints("swap_parts", [0, 2, 1]);
  const swapped = add("Transpose", `${name}/swapped`, [grouped, swap], TRANSPOSE);
  return add("Reshape", `${name}/maps`, [swapped, maps], RESHAPE);
};

export const lowerShuffle = (node: NodeOf<"shuffle">, lowering: Lowering): string =>
  addShuffle(lowering.builder, lowering.nameOf(node), {
    ...onlyInput(lowering, node),
    groups: node.groups,
  });

/** DepthToSpace takes the channels of the output for each pixel of a block, not the pixels for each channel. */
export const lowerPixelShuffle = (node: NodeOf<"pixelShuffle">, lowering: Lowering): string => {
  const { builder } = lowering;
  const { x, shape } = onlyInput(lowering, node);
  const name = lowering.nameOf(node);
  const groups = (shape as MapShape)[2] / node.factor ** 2;
  const blocks = groups === 1 ? x : addShuffle(builder, name, { x, shape, groups });
  return builder.add("DepthToSpace", `${name}/pixels`, [blocks], {
    T: FLOAT,
    block_size: intAttribute(node.factor),
    data_format: textAttribute("NHWC"),
  });
};

export const lowerPad = (node: NodeOf<"pad">, lowering: Lowering): string => {
  const { x } = onlyInput(lowering, node);
  const { padding, channels, value } = node;
  return addPadding(lowering.builder, lowering.nameOf(node), x, { padding, channels, value });
};

/** PyTorch's interpolate takes half-pixel centers, unless corners are aligned; its `nearest` takes none. */
export const lowerResize = (node: NodeOf<"resize">, lowering: Lowering): string => {
  const { builder } = lowering;
  const { height, width, method, alignsCorners } = node;
  const { x } = onlyInput(lowering, node);
  const op = method === "bilinear" ? "ResizeBilinear" : "ResizeNearestNeighbor";
  const sides = builder.ints(`sides_${height}x${width}`, [height, width]);
  return builder.add(op, lowering.nameOf(node), [x, sides], {
    T: FLOAT,
    align_corners: flagAttribute(alignsCorners),
    half_pixel_centers: flagAttribute(method === "bilinear" && !alignsCorners),
  });
};

const hasOneChannelOrPosition = ([height, width, channels]: MapShape): boolean =>
  channels === 1 || height * width === 1;

/** Maps with channels first, whose order of numbers is PyTorch's. */
const addChannelsFirst = (
  builder: TfGraphBuilder,
  name: string,
  x: string,
  shape: Shape,
): string => {
  if (!isMaps(shape) || hasOneChannelOrPosition(shape)) return x;
  const order = builder.ints("to_channels_first", [0, 3, 1, 2]);
  return builder.add("Transpose", `${name}/channels_first`, [x, order], TRANSPOSE);
};

const addReshape = (
  builder: TfGraphBuilder,
  name: string,
  x: string,
  sizes: readonly number[],
): string =>
  builder.add(
    "Reshape",
    name,
    [x, builder.ints(`shape_${sizes.join("x")}`, [-1, ...sizes])],
    RESHAPE,
  );

/** The same numbers in PyTorch's order with another shape. */
const lowerToShape = (
  node: NodeOf<"flatten" | "reshape">,
  to: Shape,
  lowering: Lowering,
): string => {
  const { builder } = lowering;
  const name = lowering.nameOf(node);
  const { x, shape } = onlyInput(lowering, node);
  const first = addChannelsFirst(builder, name, x, shape);
  if (!isMaps(to) || hasOneChannelOrPosition(to)) return addReshape(builder, name, first, to);
  const [height, width, channels] = to;
  const planes = addReshape(builder, `${name}/planes`, first, [channels, height, width]);
  const order = builder.ints("to_channels_last", [0, 2, 3, 1]);
  return builder.add("Transpose", name, [planes, order], TRANSPOSE);
};

export const lowerFlatten = (node: NodeOf<"flatten">, lowering: Lowering): string =>
  lowerToShape(node, [sizeOf(onlyInput(lowering, node).shape)], lowering);

export const lowerReshape = (node: NodeOf<"reshape">, lowering: Lowering): string =>
  lowerToShape(node, node.shape, lowering);
