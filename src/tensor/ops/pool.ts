import { defineOp } from "../op.js";
import { type Tensor, type Tensor4D, tf } from "../tf.js";
import { tidyObject } from "../tidy.js";

/** Geometry of a square pooling window with symmetric padding, as in PyTorch (output sides are rounded down). */
export interface PoolGeometry {
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
}

type Shape4D = [number, number, number, number];

export interface MaxPoolResult {
  readonly y: Tensor4D;
  /** The position of each maximum in its window; only for {@link maxPoolGradient} of the same engine. */
  readonly argmax: Tensor;
}

/** Output side of a window that slides over `side` values: floor((side + 2 pad - size) / stride) + 1. */
export const pooledSide = (side: number, { size, stride, pad }: PoolGeometry): number =>
  Math.floor((side + 2 * pad - size) / stride) + 1;

const padSpatially = (x: Tensor4D, pad: number, value: number): Tensor4D =>
  pad === 0
    ? x
    : tf.pad4d(
        x,
        [
          [0, 0],
          [pad, pad],
          [pad, pad],
          [0, 0],
        ],
        value,
      );

/** The values under each tap of the window: size² tensors [n, h', w', c], in row-major order. */
const windowSlices = (x: Tensor4D, geometry: PoolGeometry, padValue: number): Tensor4D[] => {
  const { size, stride, pad } = geometry;
  const [n, h, w, c] = x.shape;
  const outH = pooledSide(h, geometry);
  const outW = pooledSide(w, geometry);
  const source = padSpatially(x, pad, padValue);
  return Array.from({ length: size * size }, (_, tap) => {
    const top = Math.floor(tap / size);
    const left = tap % size;
    return tf.stridedSlice(
      source,
      [0, top, left, 0],
      [n, top + (outH - 1) * stride + 1, left + (outW - 1) * stride + 1, c],
      [1, stride, stride, 1],
    ) as Tensor4D;
  });
};

/** The transpose of windowSlices: puts window values back to their positions and adds what overlaps. */
const scatterSlices = (
  slices: readonly Tensor4D[],
  shape: Shape4D,
  geometry: PoolGeometry,
): Tensor4D => {
  const { size, stride, pad } = geometry;
  const [, h, w] = shape;
  const paddedH = h + 2 * pad;
  const paddedW = w + 2 * pad;
  const placed = slices.map((slice, tap) => {
    const [n, outH, outW, c] = slice.shape;
    const top = Math.floor(tap / size);
    const left = tap % size;
    const spreadH = (outH - 1) * stride + 1;
    const spreadW = (outW - 1) * stride + 1;
    const spread = spreadByStride(slice, stride);
    return tf.pad4d(tf.slice4d(spread, [0, 0, 0, 0], [n, spreadH, spreadW, c]), [
      [0, 0],
      [top, paddedH - top - spreadH],
      [left, paddedW - left - spreadW],
      [0, 0],
    ]);
  });
  return tf.slice4d(tf.addN(placed), [0, pad, pad, 0], shape);
};

/** Inserts stride - 1 zeros after every row and column. */
const spreadByStride = (x: Tensor4D, stride: number): Tensor4D => {
  if (stride === 1) return x;
  const [n, h, w, c] = x.shape;
  const columns = tf.pad(tf.reshape(x, [n, h, 1, w, 1, c]), [
    [0, 0],
    [0, 0],
    [0, stride - 1],
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ]);
  return tf.reshape(columns, [n, h * stride, w * stride, c]) as Tensor4D;
};

/** Max pooling; padding is never the maximum. x: [n, h, w, c] -> [n, h', w', c]. */
export const maxPool = defineOp(
  "maxPool",
  (x: Tensor4D, geometry: PoolGeometry): Tensor4D =>
    tf.tidy(() =>
      windowSlices(x, geometry, Number.NEGATIVE_INFINITY).reduce(
        (best, slice) => tf.maximum(best, slice) as Tensor4D,
      ),
    ),
);

/** Max pooling that also returns the position of the first maximum (in row-major order) of each window. */
export const maxPoolTrain = defineOp(
  "maxPoolTrain",
  (x: Tensor4D, geometry: PoolGeometry): MaxPoolResult =>
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
      return { y, argmax: tf.cast(argmax, "int32") };
    }),
);

/** Gradient of {@link maxPoolTrain}, which flows to the first maximum, as in PyTorch. */
export const maxPoolGradient = defineOp(
  "maxPoolGradient",
  (dy: Tensor4D, argmax: Tensor, inputShape: Shape4D, geometry: PoolGeometry): Tensor4D =>
    tf.tidy(() => {
      const slices = Array.from({ length: geometry.size ** 2 }, (_, tap) =>
        tf.where(tf.equal(argmax, tap), dy, tf.zerosLike(dy)),
      );
      return scatterSlices(slices, inputShape, geometry);
    }),
);

/** Average pooling; padding counts, so it divides by size² everywhere (PyTorch's default). */
export const averagePool = defineOp(
  "averagePool",
  (x: Tensor4D, geometry: PoolGeometry): Tensor4D =>
    tf.tidy(() => tf.div(tf.addN(windowSlices(x, geometry, 0)), geometry.size ** 2) as Tensor4D),
);

/** Gradient of {@link averagePool}: each output's gradient is spread evenly over its window. */
export const averagePoolGradient = defineOp(
  "averagePoolGradient",
  (dy: Tensor4D, inputShape: Shape4D, geometry: PoolGeometry): Tensor4D =>
    tf.tidy(() => {
      const share = tf.div(dy, geometry.size ** 2) as Tensor4D;
      return scatterSlices(
        Array.from({ length: geometry.size ** 2 }, () => share),
        inputShape,
        geometry,
      );
    }),
);
