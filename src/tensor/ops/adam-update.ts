import { defineOp } from "../op.js";
import { type Tensor, tf } from "../tf.js";
import { tidyObject } from "../tidy.js";
import type { ParameterUpdate } from "./parameter-update.js";

/** A parameter with its two moments. */
export interface ParameterWithMoments {
  readonly value: Tensor;
  readonly firstMoment: Tensor;
  readonly secondMoment: Tensor;
}

/** The numbers of one step of a parameter. */
export interface AdamStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Whether the weight decay shrinks the value rather than being added to the gradient (AdamW). */
  readonly isDecoupled?: boolean;
  /** Counts from 1. */
  readonly step: number;
}

/** One step of one parameter. */
const updateOne = (
  state: ParameterWithMoments,
  gradient: Tensor,
  hyper: AdamStep,
): ParameterWithMoments =>
  tidyObject(() => {
    const { beta1, beta2, step, isDecoupled = false } = hyper;
    const g =
      hyper.weightDecay === 0 || isDecoupled
        ? gradient
        : tf.add(gradient, tf.mul(state.value, hyper.weightDecay));
    const start = isDecoupled
      ? tf.mul(state.value, 1 - hyper.learningRate * hyper.weightDecay)
      : state.value;
    // Linear interpolation as in PyTorch: m + (g - m)(1 - beta1).
    const firstMoment = tf.add(state.firstMoment, tf.mul(tf.sub(g, state.firstMoment), 1 - beta1));
    const secondMoment = tf.add(tf.mul(state.secondMoment, beta2), tf.mul(tf.square(g), 1 - beta2));
    const stepSize = hyper.learningRate / (1 - beta1 ** step);
    const denominator = tf.add(
      tf.div(tf.sqrt(secondMoment), Math.sqrt(1 - beta2 ** step)),
      hyper.epsilon,
    );
    const value = tf.sub(start, tf.mul(tf.div(firstMoment, denominator), stepSize));
    return { value, firstMoment, secondMoment };
  });

/**
 * One step of Adam for some parameters, as PyTorch computes it (Kingma & Ba 2015, algorithm 1): the weight decay is added to
 * the gradient, and epsilon after the bias correction:
 * value - lr / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon).
 * Decoupled weight decay instead multiplies the value by 1 - lr weightDecay before the step (Loshchilov & Hutter 2019,
 * "Decoupled Weight Decay Regularization", algorithm 2, in PyTorch's form).
 */
export const adamUpdate = defineOp(
  "adamUpdate",
  (updates: readonly ParameterUpdate<ParameterWithMoments, AdamStep>[]): ParameterWithMoments[] =>
    updates.map(({ state, gradient, hyper }) => updateOne(state, gradient, hyper)),
);
