import type { ValueId } from "../../graph/graph.js";
import type { Shape } from "../../graph/shape.js";
import { Unsupported } from "../unsupported.js";

/** A part of an axis: `size` numbers that are `stride` apart. */
interface Extent {
  readonly size: number;
  readonly stride: number;
}

/**
 * A rearranged value of a net. Reshaping and transposing change only how its numbers are addressed: each axis is a list of
 * extents, from the outermost. The first axis of a value counts images, which are `sizeOf(shape)` apart.
 * Example: maps of 2x2 with 6 channels are [[1 x 24], [6 x 4], [2 x 2], [2 x 1]]; their channels as 2 groups are 2 x 12 and
 * 3 x 4, and the transposed groups 3 x 4 and 2 x 12 are a channel shuffle.
 */
export interface StridedView {
  readonly base: ValueId;
  /** The shape of the base in the graph: [height, width, channels] or [features]. */
  readonly shape: Shape;
  readonly axes: readonly (readonly Extent[])[];
}

const sizeOfAxis = (axis: readonly Extent[]): number =>
  axis.reduce((product, { size }) => product * size, 1);

/** The dimensions of a view, as ONNX has them. */
export const dimsOf = ({ axes }: Pick<StridedView, "axes">): number[] => axes.map(sizeOfAxis);

/** Merges neighbors that together are one extent, and drops extents of one number. */
const merged = (extents: readonly Extent[]): Extent[] => {
  const result: Extent[] = [];
  for (const extent of extents) {
    const last = result.at(-1);
    if (extent.size === 1) continue;
    if (last && last.stride === extent.size * extent.stride) {
      result[result.length - 1] = { size: last.size * extent.size, stride: extent.stride };
    } else result.push(extent);
  }
  return result;
};

/** The axes of a value as it is: images, channels, rows and columns, or images and features. */
const plainAxes = (shape: Shape, batch: number): Extent[][] => {
  const [height = 1, width = 1, channels = 1] = shape.length === 3 ? shape : [1, 1, shape[0]];
  const images = { size: batch, stride: height * width * channels };
  const features = { size: channels, stride: height * width };
  if (shape.length !== 3) return [[images], [features]];
  return [[images], [features], [{ size: height, stride: width }], [{ size: width, stride: 1 }]];
};

export const plainView = (base: ValueId, shape: Shape, batch: number): StridedView => ({
  base,
  shape,
  axes: plainAxes(shape, batch),
});

export const transposed = (view: StridedView, order: readonly number[]): StridedView => {
  const isOrder =
    order.length === view.axes.length &&
    new Set(order).size === order.length &&
    order.every((axis) => axis in view.axes);
  if (!isOrder) throw new Unsupported(`orders ${view.axes.length} axes as ${order.join(", ")}`);
  return { ...view, axes: order.map((axis) => view.axes[axis] as readonly Extent[]) };
};

/** Maps whose channels are last with the channels first; other values stay as they are. */
export const channelsFirst = <V extends StridedView>(view: V): V =>
  view.axes.length === 4 ? { ...view, ...transposed(view, [0, 3, 1, 2]) } : view;

/** Maps whose channels are first with the channels last; other values stay as they are. */
export const channelsLast = <V extends StridedView>(view: V): V =>
  view.axes.length === 4 ? { ...view, ...transposed(view, [0, 2, 3, 1]) } : view;

/** Takes extents from the front of `left` until they have `wanted` numbers, and splits the last one if need be. */
const take = (left: Extent[], wanted: number): Extent[] => {
  const axis: Extent[] = [];
  let missing = wanted;
  while (missing > 1) {
    const first = left.shift();
    if (!first) throw new Unsupported(`has a shape of a different size from that of its input`);
    if (missing % first.size === 0) {
      axis.push(first);
      missing /= first.size;
      continue;
    }
    if (first.size % missing !== 0) throw new Unsupported("splits axes in an unsupported way");
    const inner = first.size / missing;
    axis.push({ size: missing, stride: first.stride * inner });
    left.unshift({ size: inner, stride: first.stride });
    missing = 1;
  }
  return axis;
};

/** The same numbers in the same order with other dimensions. */
export const reshaped = (view: StridedView, dims: readonly number[]): StridedView => {
  const left = merged(view.axes.flat());
  const axes = dims.map((size) => take(left, size));
  if (left.length > 0)
    throw new Unsupported("has a shape of a different size from that of its input");
  return { ...view, axes };
};

const isSame = (one: readonly Extent[], other: readonly Extent[]): boolean =>
  JSON.stringify(merged(one)) === JSON.stringify(merged(other));

/** How a view follows from its base by nodes of graphs. */
export type Rearrangement =
  | { readonly kind: "none" }
  | { readonly kind: "shape"; readonly shape: Shape }
  | { readonly kind: "shuffle"; readonly groups: number };

/**
 * The places of a vector's features in its base as a plain vector (channel by channel, row by row), for maps that were flattened
 * with their channels last. Undefined if the features are not all numbers of the base.
 */
export const featurePlaces = (
  { axes, shape }: StridedView,
  batch: number,
): Int32Array | undefined => {
  const [images, features = []] = axes;
  const count = shape.reduce((product, side) => product * side, 1);
  if (axes.length !== 2 || !isSame(images ?? [], [{ size: batch, stride: count }]))
    return undefined;
  const extents = merged(features);
  let stride = 1;
  for (const extent of extents.toSorted((a, b) => a.stride - b.stride)) {
    if (extent.stride !== stride) return undefined;
    stride *= extent.size;
  }
  if (stride !== count) return undefined;
  return Int32Array.from({ length: count }, (_, index) => {
    let [left, place] = [index, 0];
    for (const extent of extents.toReversed()) {
      place += (left % extent.size) * extent.stride;
      left = Math.floor(left / extent.size);
    }
    return place;
  });
};

const isShuffle = ([, channels = [], ...sides]: StridedView["axes"], shape: Shape): boolean => {
  const [, , ...plainSides] = plainAxes(shape, 1);
  const parts = merged(channels);
  const [outer, inner] = parts;
  const [height = 1, width = 1] = shape;
  return (
    shape.length === 3 &&
    sides.every((side, index) => isSame(side, plainSides[index] ?? [])) &&
    parts.length === 2 &&
    outer?.stride === height * width &&
    inner?.stride === height * width * outer.size
  );
};

/**
 * How maps or a vector follow from the base of a view with four or two axes.
 * @throws Unsupported if no node of graphs rearranges values like this.
 */
export const rearrangementOf = ({ axes, shape }: StridedView, batch: number): Rearrangement => {
  const dims = axes.map(sizeOfAxis);
  const [images, ...others] = axes;
  const count = shape.reduce((product, side) => product * side, 1);
  if (!isSame(images ?? [], [{ size: batch, stride: count }]))
    throw new Unsupported("needs a value whose first axis counts images");
  if (axes.length !== 2 && axes.length !== 4)
    throw new Unsupported(`needs feature maps or a vector, not a value with ${axes.length} axes`);
  const own = axes.length === 2 ? [dims[1] as number] : [dims[2], dims[3], dims[1]];
  if (isSame(others.flat(), [{ size: count, stride: 1 }]))
    return String(own) === String(shape)
      ? { kind: "none" }
      : { kind: "shape", shape: own as Shape };
  if (String(own) === String(shape) && isShuffle(axes, shape))
    return { kind: "shuffle", groups: merged(axes[1] ?? [])[1]?.size as number };
  throw new Unsupported("reads values in an unsupported order");
};
