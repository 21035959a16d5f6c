import { defineOp } from "../op.js";
import { type Tensor, tf } from "../tf.js";
import { tidyObject } from "../tidy.js";
import type { ParameterUpdate } from "./parameter-update.js";

/** A parameter with its momentum. */
export interface ParameterWithMomentum {
  readonly value: Tensor;
  readonly momentum: Tensor;
}

/** The numbers of one step of a parameter. */
export interface SgdStep {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly momentumFactor: number;
}

/** One step of one parameter. */
const updateOne = (
  { value, momentum }: ParameterWithMomentum,
  gradient: Tensor,
  { learningRate, weightDecay, momentumFactor }: SgdStep,
): ParameterWithMomentum =>
  tidyObject(() => {
    const g = tf.add(gradient, tf.mul(value, weightDecay));
    const next = tf.add(tf.mul(momentum, momentumFactor), g);
    const step = tf.add(g, tf.mul(next, momentumFactor));
    return { value: tf.sub(value, tf.mul(step, learningRate)), momentum: next };
  });

/**
 * One step of SGD with Nesterov momentum for some parameters, as PyTorch computes it (Sutskever et al. 2013, "On the
 * importance of initialization and momentum", section 2.1, in PyTorch's form, whose momentum does not contain the learning
 * rate). With g the gradient plus weightDecay · value, and mu the momentum factor:
 * momentum' = mu momentum + g, value' = value - lr (g + mu momentum').
 */
export const sgdUpdate = defineOp(
  "sgdUpdate",
  (updates: readonly ParameterUpdate<ParameterWithMomentum, SgdStep>[]): ParameterWithMomentum[] =>
    updates.map(({ state, gradient, hyper }) => updateOne(state, gradient, hyper)),
);
