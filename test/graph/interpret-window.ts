import { slide } from "../../src/base/sliding-window.js";
import type { NodeOf } from "../../src/graph/graph.js";
import type { Numbers } from "./interpret.js";

type Windowed = NodeOf<"conv"> | NodeOf<"maxPool"> | NodeOf<"averagePool"> | NodeOf<"pad">;

interface Taps {
  /** The position of the window in the output. */
  readonly row: number;
  readonly column: number;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Convolutions, pools and pads by their definition, on one image. */
export const interpretWindow = (
  node: Windowed,
  x: Numbers,
  weights: { readonly kernel: Float32Array | undefined; readonly bias: Float32Array | undefined },
): Numbers => {
  const [height, width, channels] = x.shape as [number, number, number];
  const [top, left, bottom, right] = node.padding;
  const at = (row: number, column: number, channel: number): number | undefined =>
    row < 0 || column < 0 || row >= height || column >= width
      ? undefined
      : x.values[(row * width + column) * channels + channel];
  if (node.kind === "pad") {
    const [before, after] = node.channels ?? [0, 0];
    const shape = [height + top + bottom, width + left + right, channels + before + after] as const;
    const values = Float64Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, index) => {
      const [position, channel] = [Math.floor(index / shape[2]), (index % shape[2]) - before];
      const [row, column] = [Math.floor(position / shape[1]) - top, (position % shape[1]) - left];
      const isInside = channel >= 0 && channel < channels;
      return (isInside ? at(row, column, channel) : undefined) ?? node.value;
    });
    return { shape, values };
  }
  const [kh, kw] = node.kernel;
  const [dy, dx] = node.kind === "conv" ? node.dilation : [1, 1];
  const [rows, columns] = slide(height, width, node);
  /** The values under the window for one channel, row by row; undefined outside the maps. */
  const taps = ({ row, column }: Taps, channel: number): (number | undefined)[] =>
    Array.from({ length: kh * kw }, (_, tap) =>
      at(
        row * node.stride[0] - top + Math.floor(tap / kw) * dy,
        column * node.stride[1] - left + (tap % kw) * dx,
        channel,
      ),
    );
  const pooled = (place: Taps, channel: number): number => {
    const inside = taps(place, channel).filter((value) => value !== undefined);
    if (node.kind === "maxPool") return Math.max(...inside);
    const reach = (start: number, size: number, end: number): number =>
      Math.min(start + size, end) - start;
    const counted =
      node.kind === "averagePool" && node.countsPadding
        ? reach(place.row * node.stride[0] - top, kh, height + bottom) *
          reach(place.column * node.stride[1] - left, kw, width + right)
        : inside.length;
    return sum(inside) / counted;
  };
  const convolved = (conv: NodeOf<"conv">, place: Taps, filter: number): number => {
    const perGroup = channels / conv.groups;
    const group = Math.floor((filter * conv.groups) / conv.filters);
    const parts = Array.from({ length: perGroup }, (_, input) => {
      const start = (filter * perGroup + input) * kh * kw;
      const values = taps(place, group * perGroup + input);
      return sum(values.map((value, tap) => (value ?? 0) * (weights.kernel?.[start + tap] ?? 0)));
    });
    return sum(parts) + (weights.bias?.[filter] ?? 0);
  };
  const outputs = node.kind === "conv" ? node.filters : channels;
  const values = Float64Array.from({ length: rows * columns * outputs }, (_, index) => {
    const position = Math.floor(index / outputs);
    const place = { row: Math.floor(position / columns), column: position % columns };
    return node.kind === "conv"
      ? convolved(node, place, index % outputs)
      : pooled(place, index % outputs);
  });
  return { shape: [rows, columns, outputs], values };
};
