import type { AdamState } from "../models/adam-state.js";
import type { Parameter } from "../models/parameter.js";
import { adamUpdate } from "../tensor/ops/adam-update.js";
import { type Tensor, tf } from "../tensor/tf.js";

export interface AdamOptions {
  readonly learningRate: number;
  /** Added to the gradient of every parameter, biases and norms included, as in PyTorch's Adam. */
  readonly weightDecay: number;
}

/** PyTorch's Adam over a net's parameters, with an integer step count, so that its state can be restored exactly. */
export interface Adam {
  /** Takes one step with the gradients stored in the parameters, and frees them. */
  readonly step: (options: AdamOptions) => void;
  /** The current state. Its tensors belong to the optimizer and are valid until its next step. */
  readonly state: () => AdamState;
  readonly dispose: () => void;
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

/** Starts from moments of 0, or from a saved state, whose tensors it takes over. */
export const createAdam = (parameters: readonly Parameter[], saved?: AdamState): Adam => {
  const moments = parameters.map(({ value }, index) => ({
    first: saved?.moments[index]?.first ?? tf.zerosLike(value),
    second: saved?.moments[index]?.second ?? tf.zerosLike(value),
  }));
  let stepCount = saved?.step ?? 0;

  const update = (
    parameter: Parameter,
    moment: { first: Tensor; second: Tensor },
    options: AdamOptions,
  ) => {
    const { value, gradient } = parameter;
    if (!gradient) return;
    const state = { value, firstMoment: moment.first, secondMoment: moment.second };
    const learningRate = options.learningRate * parameter.rateFactor;
    const hyper = {
      ...options,
      learningRate,
      beta1: BETA_1,
      beta2: BETA_2,
      epsilon: EPSILON,
      step: stepCount,
    };
    const next = adamUpdate(state, gradient, hyper);
    tf.dispose([value, gradient, moment.first, moment.second]);
    parameter.value = next.value;
    parameter.gradient = null;
    moment.first = next.firstMoment;
    moment.second = next.secondMoment;
  };

  return {
    step: (options) => {
      stepCount++;
      parameters.forEach((parameter, index) => {
        update(parameter, moments[index] as (typeof moments)[number], options);
      });
    },
    state: () => ({ step: stepCount, moments }),
    dispose: () => tf.dispose(moments.map(({ first, second }) => [first, second])),
  };
};
