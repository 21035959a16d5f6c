import { type Padding, type Pair, type SlidingWindow, slide } from "../../base/sliding-window.js";
import { defineOp } from "../op.js";
import { padMaps } from "../pad-maps.js";
import { spreadMaps, thinMaps } from "../spread-maps.js";
import { asStored, FLOAT32, type Storage } from "../storage.js";
import { type Tensor, type Tensor4D, tf } from "../tf.js";
import { tidyObject } from "../tidy.js";
import { windowAreas } from "./window-areas.js";

/** How a pool's window slides over maps; a maxPool node of a graph has these fields. */
export interface PoolGeometry extends SlidingWindow {
  readonly roundsUp: boolean;
}

/** The same for an average pool. */
export interface AveragePoolGeometry extends PoolGeometry {
  /** Whether the padding counts as zeros (count_include_pad) or is left out of the mean. */
  readonly countsPadding: boolean;
}

type Shape4D = [number, number, number, number];

export interface MaxPoolResult {
  readonly y: Tensor4D;
  /** The position of each maximum in its window; only for {@link maxPoolGradient} of the same engine. */
  readonly argmax: Tensor;
}

/** The padding with what windows need beyond it because sides are rounded up. */
const wholePadding = (height: number, width: number, geometry: PoolGeometry): Padding => {
  const { kernel, stride, padding } = geometry;
  const [top, left, bottom, right] = padding;
  const [outH, outW] = slide(height, width, geometry);
  return [
    top,
    left,
    Math.max(bottom, (outH - 1) * stride[0] + kernel[0] - height - top),
    Math.max(right, (outW - 1) * stride[1] + kernel[1] - width - left),
  ];
};

/** The taps of a window, [row, column], in row-major order. */
const tapsOf = ({ kernel: [rows, columns] }: PoolGeometry): Pair[] =>
  Array.from({ length: rows * columns }, (_, tap) => [Math.floor(tap / columns), tap % columns]);

/** The values under each tap of the window: one tensor [n, h', w', c] per tap. */
const windowSlices = (x: Tensor4D, geometry: PoolGeometry, padValue: number): Tensor4D[] => {
  const [, h, w] = x.shape;
  const sides = slide(h, w, geometry);
  const source = padMaps(x, wholePadding(h, w, geometry), padValue);
  return tapsOf(geometry).map((tap) => thinMaps(source, geometry.stride, sides, tap));
};

/** The transpose of windowSlices: puts window values back to their positions and adds what overlaps. */
const scatterSlices = (
  slices: readonly Tensor4D[],
  shape: Shape4D,
  geometry: PoolGeometry,
): Tensor4D => {
  const [, h, w] = shape;
  const [top, left, bottom, right] = wholePadding(h, w, geometry);
  const taps = tapsOf(geometry);
  const placed = slices.map((slice, at) => {
    const spread = spreadMaps(slice, geometry.stride);
    const [, spreadH, spreadW] = spread.shape;
    const [row, column] = taps[at] as Pair;
    const below = top + h + bottom - row - spreadH;
    return padMaps(spread, [row, column, below, left + w + right - column - spreadW]);
  });
  return tf.slice4d(tf.addN(placed), [0, top, left, 0], shape);
};

/** Divides sums over windows by the number of values that count. x has `height` and `width`. */
const divideByArea = (
  sums: Tensor4D,
  [, height, width]: Shape4D,
  geometry: AveragePoolGeometry,
): Tensor4D => {
  const areas = windowAreas(height, width, geometry);
  const [first = 1] = areas;
  if (areas.every((area) => area === first)) return tf.div(sums, first);
  const [, h, w] = sums.shape;
  return tf.div(sums, tf.tensor4d(areas, [1, h, w, 1]));
};

/**
 * Max pooling; padding is never the maximum. x: [n, h, w, c] -> [n, h', w', c]. In this and the other pools maps may be stored in
 * bfloat16; the last argument is the storage of the result. Max pools also take codes, and give them then.
 */
export const maxPool = defineOp(
  "maxPool",
  (x: Tensor4D, geometry: PoolGeometry, y: Storage = FLOAT32): Tensor4D =>
    tf.tidy(() => {
      const slices = windowSlices(x, geometry, Number.NEGATIVE_INFINITY);
      return asStored(
        slices.reduce((best, slice) => tf.maximum(best, slice) as Tensor4D),
        y,
      );
    }),
);

/** Max pooling that also returns the position of the first maximum (in row-major order) of each window. */
export const maxPoolTrain = defineOp(
  "maxPoolTrain",
  (x: Tensor4D, geometry: PoolGeometry, stored: Storage = FLOAT32): MaxPoolResult =>
    tidyObject(() => {
      const slices = windowSlices(x, geometry, Number.NEGATIVE_INFINITY);
      let y = slices[0] as Tensor4D;
      let argmax: Tensor = tf.zerosLike(y);
      slices.forEach((slice, tap) => {
        if (tap === 0) return;
        const larger = tf.greater(slice, y);
        y = tf.where(larger, slice, y);
        argmax = tf.where(larger, tf.fill(y.shape, tap), argmax);
      });
      return { y: asStored(y, stored), argmax: tf.cast(argmax, "int32") };
    }),
);

/** Gradient of {@link maxPoolTrain}, which flows to the first maximum, as in PyTorch. */
export const maxPoolGradient = defineOp(
  "maxPoolGradient",
  (
    dy: Tensor4D,
    argmax: Tensor,
    inputShape: Shape4D,
    geometry: PoolGeometry,
    dx: Storage = FLOAT32,
  ): Tensor4D =>
    tf.tidy(() => {
      const slices = tapsOf(geometry).map((_, tap) =>
        tf.where(tf.equal(argmax, tap), dy, tf.zerosLike(dy)),
      );
      return asStored(scatterSlices(slices, inputShape, geometry), dx);
    }),
);

/** Average pooling: means of the values of each window that count (see {@link windowAreas}). */
export const averagePool = defineOp(
  "averagePool",
  (x: Tensor4D, geometry: AveragePoolGeometry, y: Storage = FLOAT32): Tensor4D =>
    tf.tidy(() =>
      asStored(divideByArea(tf.addN(windowSlices(x, geometry, 0)), x.shape, geometry), y),
    ),
);

/** Gradient of {@link averagePool}: each output's gradient is spread evenly over its window. */
export const averagePoolGradient = defineOp(
  "averagePoolGradient",
  (
    dy: Tensor4D,
    inputShape: Shape4D,
    geometry: AveragePoolGeometry,
    dx: Storage = FLOAT32,
  ): Tensor4D =>
    tf.tidy(() => {
      const share = divideByArea(dy, inputShape, geometry);
      const shares = tapsOf(geometry).map(() => share);
      return asStored(scatterSlices(shares, inputShape, geometry), dx);
    }),
);
