import {
  type AveragePoolGeometry,
  averagePool,
  averagePoolGradient,
  maxPool,
  maxPoolGradient,
  maxPoolTrain,
  type PoolGeometry,
} from "../../tensor/ops/pool.js";
import { AS_FLOATS, gradientStorage, type Storage } from "../../tensor/storage.js";
import { type Tensor4D, tf } from "../../tensor/tf.js";
import type { Layer } from "./layer.js";
import type { LayerStorage } from "./layer-storage.js";

/** Max pooling; its gradient goes to the first maximum of each window. */
export const maxPoolLayer = (geometry: PoolGeometry, storage: LayerStorage = AS_FLOATS): Layer => ({
  parameters: [],
  infer: (x) => {
    const y = maxPool(x as Tensor4D, geometry, storage.inferred);
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
  storage: LayerStorage = AS_FLOATS,
): Layer => {
  const pooled = (x: tf.Tensor, stored: Storage): Tensor4D => {
    const y = averagePool(x as Tensor4D, geometry, stored);
    x.dispose();
    return y;
  };
  return {
    parameters: [],
    infer: (x) => pooled(x, storage.inferred),
    train: (x) => {
      const inputShape = (x as Tensor4D).shape;
      return {
        y: pooled(x, storage.y),
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
