import type { Parameter } from "../models/parameter.js";
import { tf } from "../tensor/tf.js";

/**
 * Adds the gradient of the penalty s·sum(|gamma|), the last norm's gammas included, to the gradients of the gammas:
 * s·sign(gamma) with sign(0) = 0, a subgradient (Liu et al. 2017, "Network Slimming", eq. 1; the reference scripts use the
 * same one). Call it between the backward pass and the optimizer's step. Gammas without a gradient are not trained and do
 * not change.
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
