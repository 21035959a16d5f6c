import { defineOp } from "../op.js";
import { type Tensor, type Tensor4D, tf } from "../tf.js";
import { tidyObject } from "../tidy.js";

/** Geometry of a square pooling window, padded symmetrically as in PyTorch (and rounded down). */
export interface PoolGeometry {
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
}

type Shape4D = [number, number, number, number];

export interface MaxPoolResult {
  readonly y: Tensor4D;
  /** Where each maximum lies; opaque, for {@link maxPoolGradient} of the same kernel only. */
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

/** The values under each position of the window: size² tensors [n, h', w', c], in row-major order. */
const windowSlices = (x: Tensor4D, geometry: PoolGeometry, padValue: number): Tensor4D[] => {
  const { size, stride, pad } = geometry;
  const [n, h, w, c] = x.shape;
  const outH = pooledSide(h, geometry);
  const outW = pooledSide(w, geometry);
  const source = padSpatially(x, pad, padValue);
  return Array.from({ length: size * size }, (_, at) => {
    const top = Math.floor(at / size);
    const left = at % size;
    return tf.stridedSlice(
      source,
      [0, top, left, 0],
      [n, top + (outH - 1) * stride + 1, left + (outW - 1) * stride + 1, c],
      [1, stride, stride, 1],
    ) as Tensor4D;
  });
};

/** Puts window values back where they came from and adds up what overlaps: the transpose of windowSlices. */
const scatterSlices = (
  slices: readonly Tensor4D[],
  shape: Shape4D,
  geometry: PoolGeometry,
): Tensor4D => {
  const { size, stride, pad } = geometry;
  const [, h, w] = shape;
  const paddedH = h + 2 * pad;
  const paddedW = w + 2 * pad;
  const placed = slices.map((slice, at) => {
    const [n, outH, outW, c] = slice.shape;
    const top = Math.floor(at / size);
    const left = at % size;
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

/** Puts stride - 1 zeros behind every row and column. */
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

/** Max pooling; the padding never wins. x: [n, h, w, c] -> [n, h', w', c]. */
export const maxPool = defineOp(
  "maxPool",
  (x: Tensor4D, geometry: PoolGeometry): Tensor4D =>
    tf.tidy(() =>
      windowSlices(x, geometry, Number.NEGATIVE_INFINITY).reduce(
        (best, slice) => tf.maximum(best, slice) as Tensor4D,
      ),
    ),
);

/** Max pooling that remembers where the first maximum of each window (row-major) lies. */
export const maxPoolTrain = defineOp(
  "maxPoolTrain",
  (x: Tensor4D, geometry: PoolGeometry): MaxPoolResult =>
    tidyObject(() => {
      const slices = windowSlices(x, geometry, Number.NEGATIVE_INFINITY);
      let y = slices[0] as Tensor4D;
      let argmax: Tensor = tf.zerosLike(y);
      slices.forEach((slice, at) => {
        if (at === 0) return;
        const larger = tf.greater(slice, y);
        y = tf.where(larger, slice, y);
        argmax = tf.where(larger, tf.fill(y.shape, at), argmax);
      });
      return { y, argmax: tf.cast(argmax, "int32") };
    }),
);

/** Gradient of {@link maxPoolTrain}: all of it goes to the first maximum, as in PyTorch. */
export const maxPoolGradient = defineOp(
  "maxPoolGradient",
  (dy: Tensor4D, argmax: Tensor, inputShape: Shape4D, geometry: PoolGeometry): Tensor4D =>
    tf.tidy(() => {
      const slices = Array.from({ length: geometry.size ** 2 }, (_, at) =>
        tf.where(tf.equal(argmax, at), dy, tf.zerosLike(dy)),
      );
      return scatterSlices(slices, inputShape, geometry);
    }),
);

/** Average pooling that counts the padding: it divides by size² everywhere (PyTorch's default). */
export const averagePool = defineOp(
  "averagePool",
  (x: Tensor4D, geometry: PoolGeometry): Tensor4D =>
    tf.tidy(() => tf.div(tf.addN(windowSlices(x, geometry, 0)), geometry.size ** 2) as Tensor4D),
);

/** Gradient of {@link averagePool}: each output spreads evenly over its window. */
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
