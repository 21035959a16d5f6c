import { randomUnit } from "../src/base/random.js";
import { tf } from "../src/tensor/tf.js";

/** Normal values (Box-Muller) of a standard deviation, the same for a seed. */
export const randomTensor = (shape: readonly number[], seed: number, deviation = 1): tf.Tensor => {
  const count = shape.reduce((product, side) => product * side, 1);
  const values = Float32Array.from({ length: count }, (_, at) => {
    const radius = Math.sqrt(-2 * Math.log(1 - randomUnit(seed, at, 0)));
    return deviation * radius * Math.cos(2 * Math.PI * randomUnit(seed, at, 1));
  });
  return tf.tensor(values, [...shape]);
};
