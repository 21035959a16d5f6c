import type { Parameter } from "../models/parameter.js";
import { type Tensor, tf } from "../tensor/tf.js";

/** Added to the norm, as in PyTorch's clip_grad_norm_. */
const EPSILON = 1e-6;

/**
 * Scales all gradients by min(1, maxNorm / (norm + 1e-6)), where norm is the Euclidean norm of all of them together
 * (Pascanu et al. 2013, "On the difficulty of training recurrent neural networks", algorithm 1; as PyTorch computes it).
 * Call it between the backward pass and the optimizer's step.
 */
export const clipGradients = (parameters: readonly Parameter[], maxNorm: number): void => {
  const trained = parameters.filter(({ gradient }) => gradient !== null);
  if (trained.length === 0) return;
  // The norm stays a tensor: reading it would make the step wait.
  const factor = tf.tidy(() => {
    const squares = trained.map(({ gradient }) => tf.sum(tf.square(gradient as Tensor)));
    const norm = tf.sqrt(tf.addN(squares));
    return tf.minimum(tf.div(maxNorm, tf.add(norm, EPSILON)), 1);
  });
  for (const parameter of trained) {
    const gradient = parameter.gradient as Tensor;
    parameter.gradient = tf.mul(gradient, factor);
    gradient.dispose();
  }
  factor.dispose();
};
