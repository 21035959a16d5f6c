import { saturationRate } from "../../quant/tensors/saturation-rate.js";
import { type Activation, activate, activateGradient } from "../../tensor/ops/activation.js";
import { prelu, preluGradient } from "../../tensor/ops/channel-wise.js";
import { floatsOf } from "../../tensor/ops/stored-maps.js";
import { AS_FLOATS, gradientStorage } from "../../tensor/storage.js";
import { type Tensor, type Tensor1D, tf } from "../../tensor/tf.js";
import type { Parameter } from "../parameter.js";
import type { Layer } from "./layer.js";
import type { LayerStorage } from "./layer-storage.js";
import type { LearnedRange } from "./learned-range.js";

/**
 * A separate activation; one that follows a norm is part of the norm layer.
 * @param name under which its saturation rate is reported; without a name there is no report
 */
export const activationLayer = (
  activation: Activation,
  storage: LayerStorage = AS_FLOATS,
  name?: string,
): Layer => ({
  parameters: [],
  infer: (x) => {
    const y = activate(x, activation, storage.inferred);
    x.dispose();
    return y;
  },
  train: (x) => ({
    y: activate(x, activation, storage.y),
    ...(storage.y.kind !== "codes" && { recompute: () => activate(x, activation, storage.y) }),
    backward: (dy) => {
      const dx = activateGradient(dy, x, activation, gradientStorage(storage.x));
      tf.dispose([dy, x]);
      return dx;
    },
  }),
  ...(name !== undefined && {
    saturation: (x) => {
      const floats = floatsOf(x, storage.x);
      const rate = saturationRate(floats, activation);
      floats.dispose();
      return rate === null ? null : { name, rate };
    },
  }),
});

/** A separate quantizer of activations whose range is trained. */
export const learnedQuantizerLayer = (
  range: LearnedRange,
  storage: LayerStorage,
  name: string,
): Layer => {
  const floats = (x: Tensor): Tensor => floatsOf(x, storage.x);
  const started = (x: Tensor): Activation => {
    range.start(() => floats(x));
    return range.activation();
  };
  return {
    parameters: [range.parameter],
    infer: (x) => {
      const y = activate(x, started(x), storage.inferred);
      x.dispose();
      return y;
    },
    train: (x) => {
      const activation = started(x);
      return {
        y: activate(x, activation, storage.y),
        ...(storage.y.kind !== "codes" && { recompute: () => activate(x, activation, storage.y) }),
        backward: (dy) => {
          const stored = gradientStorage(storage.x);
          const dx = activateGradient(dy, x, activation, stored);
          const inner = tf.tidy(() =>
            tf.dot(tf.reshape(floats(x), [-1]), tf.reshape(floatsOf(dx, stored), [-1])),
          );
          const clipped = () =>
            tf.tidy(() => range.clippedSum(floats(x), floatsOf(dy, gradientStorage(storage.y))));
          range.storeGradient(inner, clipped, x.size / (x.shape[0] as number));
          tf.dispose([dy, x, inner]);
          return dx;
        },
      };
    },
    saturation: (x) => {
      const input = floats(x);
      const rate = saturationRate(input, started(x));
      input.dispose();
      return rate === null ? null : { name, rate };
    },
  };
};

/**
 * PReLU: x where x > 0, otherwise slope x (He et al. 2015, eq. 1). The slope's gradient is the sum of x dy where x <= 0.
 * @param slope [channels], or [1] if all channels share one
 */
export const preluLayer = (slope: Parameter): Layer => {
  const isShared = slope.value.size === 1;
  /** A slope of each channel of x. */
  const slopes = (x: Tensor): Tensor1D =>
    (isShared ? tf.tile(slope.value, [x.shape.at(-1) as number]) : slope.value) as Tensor1D;
  const value = (x: Tensor): Tensor => tf.tidy(() => prelu(x, slopes(x)));
  return {
    parameters: [slope],
    infer: (x) => {
      const y = value(x);
      x.dispose();
      return y;
    },
    train: (x) => ({
      y: value(x),
      recompute: () => value(x),
      backward: (dy) => {
        const [dx, dSlope] = tf.tidy(() => {
          const [own, sums] = preluGradient(dy, x, slopes(x));
          return [own, isShared ? tf.reshape(tf.sum(sums), [1]) : sums] as const;
        });
        slope.gradient = dSlope;
        tf.dispose([dy, x]);
        return dx;
      },
    }),
  };
};

/** Softmax over the features: [n, features] -> [n, features]; dx = y (dy - sum(dy y)). */
export const softmaxLayer = (): Layer => {
  const infer = (x: Tensor): Tensor => {
    const y = tf.softmax(x);
    x.dispose();
    return y;
  };
  return {
    parameters: [],
    infer,
    train: (x) => {
      const y = infer(x);
      const kept = tf.clone(y);
      return {
        y,
        backward: (dy) => {
          const dx = tf.tidy(() => tf.mul(kept, tf.sub(dy, tf.sum(tf.mul(dy, kept), -1, true))));
          tf.dispose([dy, kept]);
          return dx;
        },
      };
    },
  };
};
