import { defineOp } from "../op.js";
import { type Tensor, tf } from "../tf.js";
import { tidyObject } from "../tidy.js";

/** A parameter with its two moments. */
export interface ParameterWithMoments {
  readonly value: Tensor;
  readonly firstMoment: Tensor;
  readonly secondMoment: Tensor;
}

/** The numbers of one step, the same for all parameters. */
export interface AdamStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Counts from 1. */
  readonly step: number;
}

/**
 * One step of Adam as PyTorch computes it (Kingma & Ba 2015, algorithm 1): the weight decay is added to the gradient, and
 * epsilon after the bias correction:
 * value - lr / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon).
 */
export const adamUpdate = defineOp(
  "adamUpdate",
  (state: ParameterWithMoments, gradient: Tensor, hyper: AdamStep): ParameterWithMoments =>
    tidyObject(() => {
      const { beta1, beta2, step } = hyper;
      const g =
        hyper.weightDecay === 0
          ? gradient
          : tf.add(gradient, tf.mul(state.value, hyper.weightDecay));
      // Linear interpolation as in PyTorch: m + (g - m)(1 - beta1).
      const firstMoment = tf.add(
        state.firstMoment,
        tf.mul(tf.sub(g, state.firstMoment), 1 - beta1),
      );
      const secondMoment = tf.add(
        tf.mul(state.secondMoment, beta2),
        tf.mul(tf.square(g), 1 - beta2),
      );
      const stepSize = hyper.learningRate / (1 - beta1 ** step);
      const denominator = tf.add(
        tf.div(tf.sqrt(secondMoment), Math.sqrt(1 - beta2 ** step)),
        hyper.epsilon,
      );
      const value = tf.sub(state.value, tf.mul(tf.div(firstMoment, denominator), stepSize));
      return { value, firstMoment, secondMoment };
    }),
);
