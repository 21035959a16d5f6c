import { randomUnit } from "../../base/random.js";
import { slide } from "../../base/sliding-window.js";
import type { WeightedNode } from "../../graph/stored-form.js";
import { type Tensor, type Tensor4D, tf } from "../../tensor/tf.js";

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

/** Some rows of a matrix; the others are not copied. */
const rowsOf = (matrix: Tensor, rows: Int32Array): Float32Array => {
  const chosenRows = tf.tidy(() => tf.gather(matrix, tf.tensor1d(rows, "int32")));
  const values = chosenRows.dataSync() as Float32Array;
  chosenRows.dispose();
  return values;
};

const convWindows = (
  node: Extract<WeightedNode, { kind: "conv" }>,
  x: Tensor4D,
  choice: WindowChoice,
): LayerWindows => {
  const { groups, kernel, stride, padding, dilation } = node;
  const [images, height, width, channels] = x.shape;
  const perGroup = channels / groups;
  const [kh, kw] = kernel;
  const area = kh * kw;
  const size = perGroup * area;
  const [rows, columns] = slide(height, width, node);
  const most = Math.max(1, Math.min(MOST_WINDOWS, Math.floor(MOST_NUMBERS / (size * groups))));
  const positions = chosen(images * rows * columns, most, size, choice).map((at): Position => {
    const column = at % columns;
    const rest = Math.floor(at / columns);
    return { image: Math.floor(rest / rows), row: rest % rows, column };
  });
  const count = positions.length;
  /** The pixel that each weight of a window reads; -1 for padding. */
  const pixels = new Int32Array(count * area);
  for (const [index, { image, row, column }] of positions.entries())
    for (let ky = 0; ky < kh; ky++)
      for (let kx = 0; kx < kw; kx++) {
        const y = row * stride[0] - padding[0] + ky * dilation[0];
        const at = column * stride[1] - padding[1] + kx * dilation[1];
        const isPadding = y < 0 || y >= height || at < 0 || at >= width;
        pixels[index * area + ky * kw + kx] = isPadding ? -1 : (image * height + y) * width + at;
      }
  const matrix = tf.reshape(x, [images * height * width, channels]);
  const read = rowsOf(
    matrix,
    pixels.map((pixel) => Math.max(pixel, 0)),
  );
  matrix.dispose();
  const values = new Float32Array(groups * count * size);
  for (const [at, pixel] of pixels.entries()) {
    if (pixel < 0) continue;
    const [index, place] = [Math.floor(at / area), at % area];
    for (let channel = 0; channel < channels; channel++) {
      const group = Math.floor(channel / perGroup);
      const to = (group * count + index) * size + (channel % perGroup) * area + place;
      values[to] = read[at * channels + channel] as number;
    }
  }
  return { groups, count, size, values };
};

/**
 * The windows of a layer's input x, [n, h, w, c] or [n, features], at output positions that depend only on the shape and the
 * seed, so that those of two nets belong together. Padding is 0. The caller keeps x.
 */
export const layerWindows = (node: WeightedNode, x: Tensor, choice: WindowChoice): LayerWindows => {
  if (node.kind === "conv") return convWindows(node, x as Tensor4D, choice);
  const [total, size] = x.shape as [number, number];
  const rows = chosen(total, Math.max(1, Math.floor(MOST_NUMBERS / size)), size, choice);
  return { groups: 1, count: rows.length, size, values: rowsOf(x, Int32Array.from(rows)) };
};
