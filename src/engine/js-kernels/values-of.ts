import type { Tensor } from "../../tensor/tf.js";

/** A tensor's values as they lie in the JavaScript backend: no copy, so they are only read. */
export const valuesOf = (tensor: Tensor): Float32Array =>
  tensor.dataSync<"float32">() as Float32Array;

/** How many values a shape has. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
