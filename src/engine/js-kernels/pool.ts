import { slide } from "../../base/sliding-window.js";
import { registerKernel } from "../../tensor/op.js";
import {
  type AveragePoolGeometry,
  averagePool,
  averagePoolGradient,
  maxPool,
  maxPoolGradient,
  maxPoolTrain,
  type PoolGeometry,
} from "../../tensor/ops/pool.js";
import { windowAreas } from "../../tensor/ops/window-areas.js";
import { type Tensor4D, tf } from "../../tensor/tf.js";
import { sizeOf, valuesOf } from "./values-of.js";

type Shape = [n: number, h: number, w: number, c: number];

const pooledShape = ([n, h, w, c]: Shape, geometry: PoolGeometry): Shape => [
  n,
  ...slide(h, w, geometry),
  c,
];

/**
 * Calls `visit` for every value inside the image under every window. `tap` is the row-major position within the window;
 * for each output the taps come in ascending order.
 */
const forEachValue = (
  shape: Shape,
  geometry: PoolGeometry,
  visit: (xIndex: number, yIndex: number, tap: number) => void,
): void => {
  const { kernel, stride, padding } = geometry;
  const [n, h, w, c] = shape;
  const [, oh, ow] = pooledShape(shape, geometry);
  for (let tap = 0; tap < kernel[0] * kernel[1]; tap++) {
    const top = Math.floor(tap / kernel[1]) - padding[0];
    const left = (tap % kernel[1]) - padding[1];
    for (let row = 0; row < n * oh; row++) {
      const y = (row % oh) * stride[0] + top;
      if (y < 0 || y >= h) continue;
      const xRow = (Math.floor(row / oh) * h + y) * w;
      for (let ox = 0; ox < ow; ox++) {
        const x = ox * stride[1] + left;
        if (x < 0 || x >= w) continue;
        const xStart = (xRow + x) * c;
        const yStart = (row * ow + ox) * c;
        for (let j = 0; j < c; j++) visit(xStart + j, yStart + j, tap);
      }
    }
  }
};

const pooledMaximum = (x: Tensor4D, geometry: PoolGeometry) => {
  const shape = pooledShape(x.shape, geometry);
  const values = valuesOf(x);
  const y = new Float32Array(sizeOf(shape)).fill(Number.NEGATIVE_INFINITY);
  const argmax = new Int32Array(y.length);
  forEachValue(x.shape, geometry, (xIndex, yIndex, tap) => {
    const value = values[xIndex] as number;
    // The first tap counts even if its value is NaN, as in the reference implementation.
    if (tap !== 0 && !(value > (y[yIndex] as number))) return;
    y[yIndex] = value;
    argmax[yIndex] = tap;
  });
  return { y: tf.tensor4d(y, shape), argmax, shape };
};

/** Divides each output position of a pool by its number of values that count. */
const divideByArea = (
  values: Float32Array,
  [, height, width, channels]: Shape,
  geometry: AveragePoolGeometry,
): Float32Array => {
  const areas = windowAreas(height, width, geometry);
  return values.map(
    (value, at) => value / (areas[Math.floor(at / channels) % areas.length] as number),
  );
};

/** Registers pooling for the JavaScript engine, in one pass and without padded copies. */
export const registerJsPoolKernels = (): void => {
  registerKernel(maxPool, (x, geometry) => pooledMaximum(x, geometry).y);
  registerKernel(maxPoolTrain, (x, geometry) => {
    const { y, argmax, shape } = pooledMaximum(x, geometry);
    return { y, argmax: tf.tensor4d(argmax, shape, "int32") };
  });
  registerKernel(maxPoolGradient, (dy, argmax, inputShape, geometry) => {
    const dx = new Float32Array(sizeOf(inputShape));
    const [from, taps] = [valuesOf(dy), argmax.dataSync()];
    forEachValue(inputShape, geometry, (xIndex, yIndex, tap) => {
      if (taps[yIndex] === tap) (dx[xIndex] as number) += from[yIndex] as number;
    });
    return tf.tensor4d(dx, inputShape);
  });
  registerKernel(averagePool, (x, geometry) => {
    const shape = pooledShape(x.shape, geometry);
    const [values, y] = [valuesOf(x), new Float32Array(sizeOf(shape))];
    forEachValue(x.shape, geometry, (xIndex, yIndex) => {
      (y[yIndex] as number) += values[xIndex] as number;
    });
    return tf.tensor4d(divideByArea(y, x.shape, geometry), shape);
  });
  registerKernel(averagePoolGradient, (dy, inputShape, geometry) => {
    const share = divideByArea(valuesOf(dy), inputShape, geometry);
    const dx = new Float32Array(sizeOf(inputShape));
    forEachValue(inputShape, geometry, (xIndex, yIndex) => {
      (dx[xIndex] as number) += share[yIndex] as number;
    });
    return tf.tensor4d(dx, inputShape);
  });
};
