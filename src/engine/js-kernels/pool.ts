import { registerKernel } from "../../tensor/op.js";
import {
  averagePool,
  averagePoolGradient,
  maxPool,
  maxPoolGradient,
  maxPoolTrain,
  type PoolGeometry,
  pooledSide,
} from "../../tensor/ops/pool.js";
import { type Tensor4D, tf } from "../../tensor/tf.js";
import { sizeOf, valuesOf } from "./values-of.js";

type Shape = [n: number, h: number, w: number, c: number];

const pooledShape = ([n, h, w, c]: Shape, geometry: PoolGeometry): Shape => [
  n,
  pooledSide(h, geometry),
  pooledSide(w, geometry),
  c,
];

/**
 * Calls `visit` for every value under every window, where the window's place `at` (row-major) lies
 * inside the image; places come in order for each output.
 */
const forEachValue = (
  shape: Shape,
  geometry: PoolGeometry,
  visit: (xAt: number, yAt: number, at: number) => void,
): void => {
  const { size, stride, pad } = geometry;
  const [n, h, w, c] = shape;
  const [, oh, ow] = pooledShape(shape, geometry);
  for (let at = 0; at < size * size; at++) {
    const top = Math.floor(at / size) - pad;
    const left = (at % size) - pad;
    for (let row = 0; row < n * oh; row++) {
      const y = (row % oh) * stride + top;
      if (y < 0 || y >= h) continue;
      const xRow = (Math.floor(row / oh) * h + y) * w;
      for (let ox = 0; ox < ow; ox++) {
        const x = ox * stride + left;
        if (x < 0 || x >= w) continue;
        const xAt = (xRow + x) * c;
        const yAt = (row * ow + ox) * c;
        for (let j = 0; j < c; j++) visit(xAt + j, yAt + j, at);
      }
    }
  }
};

const pooledMaximum = (x: Tensor4D, geometry: PoolGeometry) => {
  const shape = pooledShape(x.shape, geometry);
  const values = valuesOf(x);
  const y = new Float32Array(sizeOf(shape)).fill(Number.NEGATIVE_INFINITY);
  const argmax = new Int32Array(y.length);
  forEachValue(x.shape, geometry, (xAt, yAt, at) => {
    const value = values[xAt] as number;
    // The first place counts even where it holds no number, as in the plain twin.
    if (at !== 0 && !(value > (y[yAt] as number))) return;
    y[yAt] = value;
    argmax[yAt] = at;
  });
  return { y: tf.tensor4d(y, shape), argmax, shape };
};

/** Registers pooling for the JavaScript engine: one pass, without padded copies. */
export const registerJsPoolKernels = (): void => {
  registerKernel(maxPool, (x, geometry) => pooledMaximum(x, geometry).y);
  registerKernel(maxPoolTrain, (x, geometry) => {
    const { y, argmax, shape } = pooledMaximum(x, geometry);
    return { y, argmax: tf.tensor4d(argmax, shape, "int32") };
  });
  registerKernel(maxPoolGradient, (dy, argmax, inputShape, geometry) => {
    const dx = new Float32Array(sizeOf(inputShape));
    const [from, places] = [valuesOf(dy), argmax.dataSync()];
    forEachValue(inputShape, geometry, (xAt, yAt, at) => {
      if (places[yAt] === at) (dx[xAt] as number) += from[yAt] as number;
    });
    return tf.tensor4d(dx, inputShape);
  });
  registerKernel(averagePool, (x, geometry) => {
    const shape = pooledShape(x.shape, geometry);
    const [values, y] = [valuesOf(x), new Float32Array(sizeOf(shape))];
    forEachValue(x.shape, geometry, (xAt, yAt) => {
      (y[yAt] as number) += values[xAt] as number;
    });
    const area = geometry.size ** 2;
    return tf.tensor4d(
      y.map((sum) => sum / area),
      shape,
    );
  });
  registerKernel(averagePoolGradient, (dy, inputShape, geometry) => {
    const area = geometry.size ** 2;
    const share = valuesOf(dy).map((value) => value / area);
    const dx = new Float32Array(sizeOf(inputShape));
    forEachValue(inputShape, geometry, (xAt, yAt) => {
      (dx[xAt] as number) += share[yAt] as number;
    });
    return tf.tensor4d(dx, inputShape);
  });
};
