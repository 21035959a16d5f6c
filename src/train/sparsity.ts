import type { Parameter } from "../models/parameter.js";
import { tf } from "../tensor/tf.js";

/**
 * Adds the gradient of the penalty s·sum(|gamma|) to that of every gamma, the last norm's included:
 * s·sign(gamma), where sign(0) = 0 (Liu et al. 2017, "Network Slimming", eq. 1, by the subgradient, as the
 * original does it). It belongs between the backward pass and the optimizer's step.
 * A gamma without a gradient is not trained and stays as it is.
 */
export const addSparsityGradient = (
  parameters: readonly Parameter[],
  sparsityLambda: number,
): void => {
  for (const parameter of parameters) {
    const { role, value, gradient } = parameter;
    if (role !== "gamma" || !gradient) continue;
    parameter.gradient = tf.tidy(() => tf.add(gradient, tf.mul(tf.sign(value), sparsityLambda)));
    gradient.dispose();
  }
};
