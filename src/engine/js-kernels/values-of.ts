import type { Tensor } from "../../tensor/tf.js";

/** A tensor's values in the JavaScript backend, without copying; they must not be modified. */
export const valuesOf = (tensor: Tensor): Float32Array =>
  tensor.dataSync<"float32">() as Float32Array;

/** The number of values of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
