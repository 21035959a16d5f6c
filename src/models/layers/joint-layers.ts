import { type Tensor, tf } from "../../tensor/tf.js";
import type { JointLayer } from "./layer.js";

/** The only tensor of a list. */
const only = (tensors: readonly Tensor[]): Tensor => tensors[0] as Tensor;

/** The sum of values of one shape, from first to last; every input has the gradient of the sum. */
export const addLayer = (): JointLayer => {
  const infer = (xs: readonly Tensor[]): Tensor[] => {
    const sum = tf.tidy(() => xs.reduce((total, x) => tf.add(total, x)));
    tf.dispose([...xs]);
    return [sum];
  };
  return {
    parameters: [],
    infer,
    train: (xs) => ({
      ys: infer(xs),
      backward: (dys) => {
        const dy = only(dys);
        return [dy, ...xs.slice(1).map(() => tf.clone(dy))];
      },
    }),
  };
};

/** Sums a gradient over the axes along which a factor of this shape was repeated. */
const summedTo = (shape: readonly number[], gradient: Tensor): Tensor => {
  const axes = shape.flatMap((side, axis) => (side === gradient.shape[axis] ? [] : [axis]));
  return axes.length === 0 ? gradient : tf.sum(gradient, axes, true);
};

/** The product of two values of one shape, or of maps [n, h, w, c] and factors [n, 1, 1, c]; the factors come second. */
export const multiplyLayer = (): JointLayer => {
  const product = (xs: readonly Tensor[]): Tensor => tf.mul(only(xs), xs[1] as Tensor);
  return {
    parameters: [],
    infer: (xs) => {
      const y = product(xs);
      tf.dispose([...xs]);
      return [y];
    },
    train: (xs) => ({
      ys: [product(xs)],
      backward: (dys) => {
        const [dy, x, factor] = [only(dys), only(xs), xs[1] as Tensor];
        const dx = tf.mul(dy, factor);
        const dFactor = tf.tidy(() => summedTo(factor.shape, tf.mul(dy, x)));
        tf.dispose([dy, x, factor]);
        return [dx, dFactor];
      },
    }),
  };
};

const CHANNEL_AXIS = -1;

const joined = (parts: readonly Tensor[]): Tensor => {
  const whole = tf.concat([...parts], CHANNEL_AXIS);
  tf.dispose([...parts]);
  return whole;
};

const parted = (whole: Tensor, sizes: readonly number[]): Tensor[] => {
  const parts = tf.split(whole, [...sizes], CHANNEL_AXIS);
  whole.dispose();
  return parts;
};

/** Concatenates the channels of maps, or the features of vectors. */
export const concatLayer = (): JointLayer => ({
  parameters: [],
  infer: (xs) => [joined(xs)],
  train: (xs) => {
    const sizes = xs.map(({ shape }) => shape.at(CHANNEL_AXIS) as number);
    return { ys: [joined(xs)], backward: (dys) => parted(only(dys), sizes) };
  },
});

/** Splits the channels of maps, or the features of vectors, into parts of these sizes. */
export const splitLayer = (sizes: readonly number[]): JointLayer => ({
  parameters: [],
  infer: (xs) => parted(only(xs), sizes),
  train: (xs) => ({
    ys: parted(only(xs), sizes),
    backward: (dys) => [joined(dys)],
  }),
});
