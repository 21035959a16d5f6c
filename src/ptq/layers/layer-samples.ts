import { randomUnit } from "../../base/random.js";
import { slide } from "../../base/sliding-window.js";
import type { MapShape } from "../../graph/shape.js";
import type { WeightedNode } from "../../graph/stored-form.js";

/** Windows of a layer's input that are compared, at most. */
const MOST_WINDOWS = 4096;
/** Numbers of all of them together, at most. */
const MOST_NUMBERS = 1 << 24;
const STREAM = 0x7057;

/** What a layer multiplies by its weights at some of its output positions. */
export interface LayerWindows {
  readonly groups: number;
  readonly count: number;
  /** The inputs of one filter. */
  readonly size: number;
  /** [groups, count, size], in the order of a filter's weights [cIn / groups, kh, kw]. */
  readonly values: Float32Array;
}

interface Position {
  readonly image: number;
  readonly row: number;
  readonly column: number;
}

/** Which windows of a layer are taken. */
export interface WindowChoice {
  readonly seed: number;
  /** The number of windows at most, by the inputs of one filter: an evenly spaced part of those that are compared by default. */
  readonly most?: (size: number) => number;
}

/** At most `most` of `total` positions, drawn with a key, or an evenly spaced part of these. */
const chosen = (
  total: number,
  most: number,
  size: number,
  { seed, most: part }: WindowChoice,
): number[] => {
  const drawn = Math.min(total, most);
  const count = Math.min(drawn, part?.(size) ?? drawn);
  return Array.from({ length: count }, (_, at) => {
    const index = Math.floor((at * drawn) / count);
    return total <= most
      ? index
      : Math.floor(((index + randomUnit(seed, STREAM, index)) * total) / most);
  });
};

const convWindows = (
  node: Extract<WeightedNode, { kind: "conv" }>,
  [height, width, channels]: MapShape,
  x: Float32Array,
  choice: WindowChoice,
): LayerWindows => {
  const { groups, kernel, stride, padding, dilation } = node;
  const perGroup = channels / groups;
  const [kh, kw] = kernel;
  const size = perGroup * kh * kw;
  const [rows, columns] = slide(height, width, node);
  const images = x.length / (height * width * channels);
  const most = Math.max(1, Math.min(MOST_WINDOWS, Math.floor(MOST_NUMBERS / (size * groups))));
  const positions = chosen(images * rows * columns, most, size, choice).map((at): Position => {
    const column = at % columns;
    const rest = Math.floor(at / columns);
    return { image: Math.floor(rest / rows), row: rest % rows, column };
  });
  const count = positions.length;
  const values = new Float32Array(groups * count * size);
  for (const [index, { image, row, column }] of positions.entries())
    for (let ky = 0; ky < kh; ky++)
      for (let kx = 0; kx < kw; kx++) {
        const y = row * stride[0] - padding[0] + ky * dilation[0];
        const at = column * stride[1] - padding[1] + kx * dilation[1];
        if (y < 0 || y >= height || at < 0 || at >= width) continue;
        const from = ((image * height + y) * width + at) * channels;
        for (let channel = 0; channel < channels; channel++) {
          const group = Math.floor(channel / perGroup);
          const place = ((channel % perGroup) * kh + ky) * kw + kx;
          values[(group * count + index) * size + place] = x[from + channel] as number;
        }
      }
  return { groups, count, size, values };
};

/**
 * The windows of a layer's input x, [n, h, w, c] or [n, features], at output positions that depend only on the shape and the
 * seed, so that those of two nets belong together. Padding is 0.
 */
export const layerWindows = (
  node: WeightedNode,
  shape: readonly number[],
  x: Float32Array,
  choice: WindowChoice,
): LayerWindows => {
  if (node.kind === "conv")
    return convWindows(node, shape.slice(1) as unknown as MapShape, x, choice);
  const size = shape[1] as number;
  const rows = chosen(x.length / size, Math.max(1, Math.floor(MOST_NUMBERS / size)), size, choice);
  const values = new Float32Array(rows.length * size);
  for (const [index, row] of rows.entries())
    values.set(x.subarray(row * size, (row + 1) * size), index * size);
  return { groups: 1, count: rows.length, size, values };
};
