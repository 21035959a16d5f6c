import type { Parameter } from "../models/parameter.js";
import { type Tensor, tf } from "../tensor/tf.js";

/** Moving averages of a net's parameters. */
export interface WeightAverage {
  /** Adds the current values, after `steps` steps of the run. */
  readonly update: (steps: number) => void;
  /** One tensor per parameter, which belongs to the average and is valid until the next update. */
  readonly values: () => readonly Tensor[];
  readonly dispose: () => void;
}

/** Early averages forget faster, so that they are not dominated by the initial values. */
const factorAt = (decay: number, steps: number): number =>
  Math.min(decay, (1 + steps) / (10 + steps));

/**
 * Exponential moving averages of parameters: after step t each becomes d average + (1 - d) value with
 * d = min(decay, (1 + t) / (10 + t)) (Polyak & Juditsky 1992; the factor is that of TensorFlow's
 * ExponentialMovingAverage). They start from the current values, or from saved averages, which are taken over. Running
 * statistics are not averaged.
 */
export const createWeightAverage = (
  parameters: readonly Parameter[],
  decay: number,
  saved?: readonly Tensor[],
): WeightAverage => {
  const averages = parameters.map(({ value }, index) => saved?.[index] ?? tf.clone(value));
  return {
    update: (steps) => {
      const share = 1 - factorAt(decay, steps);
      parameters.forEach(({ value }, index) => {
        const old = averages[index] as Tensor;
        averages[index] = tf.tidy(() => tf.add(old, tf.mul(tf.sub(value, old), share)));
        old.dispose();
      });
    },
    values: () => averages,
    dispose: () => tf.dispose(averages),
  };
};
