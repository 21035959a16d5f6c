import type { Net } from "../models/net.js";
import { tf } from "../tensor/tf.js";

/** Whether all weights and statistics are finite: 0 times another number is NaN. */
export const hasFiniteState = ({ state }: Pick<Net, "state">): boolean => {
  const zero = tf.tidy(() => tf.addN(state.map(({ value }) => tf.sum(tf.mul(value, 0)))));
  const [sum] = zero.dataSync();
  zero.dispose();
  return sum === 0;
};
