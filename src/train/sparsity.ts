import type { Parameter } from "../models/parameter.js";
import { type Tensor, type Tensor1D, tf } from "../tensor/tf.js";

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

/** The channel group of each gamma, as a number from 0, by the names of the tensors. */
export type GammaGroups = ReadonlyMap<string, Int32Array>;

const numbersFrom = (parts: readonly Int32Array[]): Int32Array =>
  Int32Array.from(parts.flatMap((part) => [...part]));

/**
 * sqrt(n) gamma / |gammas of the group| for each gamma of concatenated ones, where n is the number of gammas in its group;
 * 0 for groups of zeros.
 */
const groupDirections = (gammas: Tensor1D, groups: Int32Array): Tensor1D => {
  const count = groups.reduce((most, group) => Math.max(most, group + 1), 0);
  const of = tf.tensor1d(groups, "int32");
  const sums = (values: Tensor1D): Tensor1D =>
    tf.gather(tf.unsortedSegmentSum(values, of, count), of);
  const squares = sums(tf.square(gammas));
  const scale = tf.sqrt(tf.divNoNan(sums(tf.onesLike(gammas)), squares));
  return tf.mul(gammas, scale);
};

/**
 * Adds the gradient of the penalty s·sum(sqrt(n)·|gammas|_2) over channel groups of n gammas, so that gammas whose channels
 * can only be removed together become small together (group lasso, Yuan & Lin 2006, eq. 3). For groups of one gamma it is
 * the penalty of addSparsityGradient.
 * Example: gammas 3 and -4 of one group get sqrt(2)·s·[0.6, -0.8].
 */
export const addGroupSparsityGradient = (
  parameters: readonly Parameter[],
  sparsityLambda: number,
  groups: GammaGroups,
): void => {
  const trained = parameters.flatMap((parameter) => {
    const { role, name, gradient } = parameter;
    const own = groups.get(name);
    return role === "gamma" && gradient && own ? [{ parameter, gradient, own }] : [];
  });
  if (trained.length === 0) return;
  const gradients = tf.tidy((): Tensor[] => {
    const gammas = tf.concat1d(trained.map(({ parameter }) => parameter.value as Tensor1D));
    const directions = groupDirections(gammas, numbersFrom(trained.map(({ own }) => own)));
    const parts = tf.split(
      directions,
      trained.map(({ own }) => own.length),
    );
    return parts.map((part, index) =>
      tf.add((trained[index] as (typeof trained)[number]).gradient, tf.mul(part, sparsityLambda)),
    );
  });
  for (const [index, { parameter, gradient }] of trained.entries()) {
    parameter.gradient = gradients[index] as Tensor;
    gradient.dispose();
  }
};
