import {
  type AveragePoolGeometry,
  averagePool,
  averagePoolGradient,
  maxPool,
  maxPoolGradient,
  maxPoolTrain,
  type PoolGeometry,
} from "../../tensor/ops/pool.js";
import { AS_FLOATS, gradientStorage, type MapStorage } from "../../tensor/storage.js";
import { type Tensor4D, tf } from "../../tensor/tf.js";
import type { Layer } from "./layer.js";

/** Max pooling; its gradient goes to the first maximum of each window. */
export const maxPoolLayer = (geometry: PoolGeometry, storage: MapStorage = AS_FLOATS): Layer => ({
  parameters: [],
  infer: (x) => {
    const y = maxPool(x as Tensor4D, geometry, storage.y);
    x.dispose();
    return y;
  },
  train: (x) => {
    const input = x as Tensor4D;
    const { y, argmax } = maxPoolTrain(input, geometry, storage.y);
    const inputShape = input.shape;
    x.dispose();
    return {
      y,
      backward: (dy) => {
        const stored = gradientStorage(storage.x);
        const dx = maxPoolGradient(dy as Tensor4D, argmax, inputShape, geometry, stored);
        tf.dispose([dy, argmax]);
        return dx;
      },
    };
  },
});

/** Average pooling. */
export const averagePoolLayer = (
  geometry: AveragePoolGeometry,
  storage: MapStorage = AS_FLOATS,
): Layer => {
  const infer = (x: tf.Tensor): Tensor4D => {
    const y = averagePool(x as Tensor4D, geometry, storage.y);
    x.dispose();
    return y;
  };
  return {
    parameters: [],
    infer,
    train: (x) => {
      const inputShape = (x as Tensor4D).shape;
      return {
        y: infer(x),
        backward: (dy) => {
          const stored = gradientStorage(storage.x);
          const dx = averagePoolGradient(dy as Tensor4D, inputShape, geometry, stored);
          dy.dispose();
          return dx;
        },
      };
    },
  };
};
