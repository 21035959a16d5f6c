import type { MapShape } from "../../graph/shape.js";
import type { PlanStepOf } from "../plan/plan.js";
import type { Numbers, Stored } from "./memory.js";
import { shuffledPositions } from "./tail.js";

const { fround } = Math;

/** Channel shuffle. */
export const shuffleStep = (
  { groups }: PlanStepOf<"shuffle">,
  x: Stored,
  y: Stored,
): (() => void) => {
  const [, , channels] = x.shape;
  const positions = shuffledPositions(channels, groups);
  return () => {
    for (let at = 0; at < x.numbers.length; at += channels)
      for (let channel = 0; channel < channels; channel++)
        y.numbers[at + (positions[channel] as number)] = x.numbers[at + channel] as number;
  };
};

/** Channels as the pixels of blocks. */
export const pixelShuffleStep =
  ({ factor }: PlanStepOf<"pixelShuffle">, x: Stored, y: Stored): (() => void) =>
  () => {
    const [height, width, channels] = y.shape;
    const inWidth = width / factor;
    let to = 0;
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const position = Math.floor(row / factor) * inWidth + Math.floor(column / factor);
        let from = position * channels * factor ** 2 + (row % factor) * factor + (column % factor);
        for (let channel = 0; channel < channels; channel++) {
          y.numbers[to++] = x.numbers[from] as number;
          from += factor ** 2;
        }
      }
  };

/** Adds rows, columns and channels of a constant around maps. */
export const padStep =
  ({ padding, channelsBefore, value }: PlanStepOf<"pad">, x: Stored, y: Stored): (() => void) =>
  () => {
    const [height, width, channels] = x.shape;
    const [, outWidth, outChannels] = y.shape;
    y.numbers.fill(value);
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const from = (row * width + column) * channels;
        const to = (row + padding[0]) * outWidth + column + padding[1];
        y.numbers.set(x.numbers.subarray(from, from + channels), to * outChannels + channelsBefore);
      }
  };

/** Calls `visit(index in memory)` for the values of maps in PyTorch's order: channel by channel, row by row. */
const inPyTorchOrder = ([height, width, channels]: MapShape, visit: (at: number) => void): void => {
  for (let channel = 0; channel < channels; channel++)
    for (let position = 0; position < height * width; position++)
      visit(position * channels + channel);
};

/** The same values in PyTorch's order in another shape. */
export const reshapeStep =
  (x: Stored, y: Stored): (() => void) =>
  () => {
    const to = new Int32Array(y.numbers.length);
    let next = 0;
    inPyTorchOrder(y.shape, (at) => {
      to[next++] = at;
    });
    next = 0;
    inPyTorchOrder(x.shape, (at) => {
      y.numbers[to[next++] as number] = x.numbers[at] as number;
    });
  };

/** Copies channels of one value next to those of another. */
const copyChannels = (
  from: { readonly numbers: Numbers; readonly channels: number; readonly first: number },
  to: { readonly numbers: Numbers; readonly channels: number; readonly first: number },
  count: number,
): void => {
  const positions = to.numbers.length / to.channels;
  for (let position = 0; position < positions; position++) {
    const start = position * from.channels + from.first;
    to.numbers.set(from.numbers.subarray(start, start + count), position * to.channels + to.first);
  }
};

/** Concatenates channels. */
export const concatStep =
  (xs: readonly Stored[], y: Stored): (() => void) =>
  () => {
    let first = 0;
    for (const { numbers, shape } of xs) {
      const [, , channels] = shape;
      const to = { numbers: y.numbers, channels: y.shape[2], first };
      copyChannels({ numbers, channels, first: 0 }, to, channels);
      first += channels;
    }
  };

/** Some of the channels. */
export const sliceStep =
  ({ firstChannel }: PlanStepOf<"slice">, x: Stored, y: Stored): (() => void) =>
  () => {
    const from = { numbers: x.numbers, channels: x.shape[2], first: firstChannel };
    copyChannels(from, { numbers: y.numbers, channels: y.shape[2], first: 0 }, y.shape[2]);
  };

/** Two input rows (or columns) and the share of the second in an output row. */
type Taps = readonly [first: number, second: number, share: number];

const nearestTaps = (at: number, from: number, to: number): Taps => {
  const isExact = to === from || to === 2 * from;
  const source = isExact ? (at * from) / to : fround(at * fround(from / to));
  const row = Math.min(Math.floor(source), from - 1);
  return [row, row, 0];
};

const bilinearTaps = (at: number, from: number, to: number, alignsCorners: boolean): Taps => {
  const source = alignsCorners
    ? fround((to > 1 ? fround((from - 1) / (to - 1)) : 0) * at)
    : Math.max(0, fround(fround(fround(from / to) * (at + 0.5)) - 0.5));
  const first = Math.min(Math.floor(source), from - 1);
  return [first, Math.min(first + 1, from - 1), fround(Math.min(source - first, 1))];
};

/** Other sides, as PyTorch's interpolate: rows first, then columns. */
export const resizeStep = (
  { method, alignsCorners }: PlanStepOf<"resize">,
  x: Stored,
  y: Stored,
): (() => void) => {
  const [height, width, channels] = x.shape;
  const [outHeight, outWidth] = y.shape;
  const tapsOf = (from: number, to: number): Taps[] =>
    Array.from({ length: to }, (_, at) =>
      method === "nearest" ? nearestTaps(at, from, to) : bilinearTaps(at, from, to, alignsCorners),
    );
  const [rows, columns] = [tapsOf(height, outHeight), tapsOf(width, outWidth)];
  const mix = (one: number, other: number, share: number): number =>
    fround(fround(fround(1 - share) * one) + fround(share * other));
  return () => {
    for (const [row, [top, bottom, low]] of rows.entries())
      for (const [column, [left, right, far]] of columns.entries())
        for (let channel = 0; channel < channels; channel++) {
          const at = (one: number, other: number): number =>
            x.numbers[(one * width + other) * channels + channel] as number;
          const [near, end] = [left, right].map((side) =>
            mix(at(top, side), at(bottom, side), low),
          );
          y.numbers[(row * outWidth + column) * channels + channel] = mix(
            near as number,
            end as number,
            far,
          );
        }
  };
};
