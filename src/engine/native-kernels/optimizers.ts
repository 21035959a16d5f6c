import { registerKernel } from "../../tensor/op.js";
import { type AdamStep, adamUpdate } from "../../tensor/ops/adam-update.js";
import { sgdUpdate } from "../../tensor/ops/sgd-update.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import type { NativeBackend } from "../native-backend.js";
import { attributeMaker } from "./activation-attributes.js";

const adamNumbers = (hyper: AdamStep): number[] => {
  const { beta1, beta2, step, isDecoupled = false } = hyper;
  return [
    isDecoupled ? 0 : hyper.weightDecay,
    1 - beta1,
    beta2,
    1 - beta2,
    hyper.learningRate / (1 - beta1 ** step),
    Math.sqrt(1 - beta2 ** step),
    hyper.epsilon,
    isDecoupled ? 1 - hyper.learningRate * hyper.weightDecay : 1,
  ];
};

/** Registers the native kernels of optimizers, which update several parameters in one op. */
export const registerOptimizerKernels = (backend: NativeBackend): void => {
  const { int } = attributeMaker(backend);

  /**
   * Runs an op on lists of tensors, of the same length each, and the numbers of each parameter. Returns `outputs` lists of
   * that length.
   */
  const run = (
    op: string,
    lists: readonly Tensor[][],
    numbers: readonly number[][],
    outputs: number,
  ): Tensor[][] => {
    const count = numbers.length;
    // An input: these change with every step, and TensorFlow creates a new kernel for each value of an attribute.
    const table = tf.tensor1d(numbers.flat());
    const all = backend.executeMultipleOutputs(
      op,
      [int("count", count)],
      [...lists.flat(), table],
      outputs * count,
    );
    table.dispose();
    return Array.from({ length: outputs }, (_, list) =>
      all.slice(list * count, (list + 1) * count),
    );
  };

  registerKernel(adamUpdate, (updates) => {
    const lists = [
      updates.map(({ state }) => state.value),
      updates.map(({ state }) => state.firstMoment),
      updates.map(({ state }) => state.secondMoment),
      updates.map(({ gradient }) => gradient),
    ];
    const numbers = updates.map(({ hyper }) => adamNumbers(hyper));
    const [values, first, second] = run("QpruneAdam", lists, numbers, 3);
    return updates.map((_, index) => ({
      value: values?.[index] as Tensor,
      firstMoment: first?.[index] as Tensor,
      secondMoment: second?.[index] as Tensor,
    }));
  });
  registerKernel(sgdUpdate, (updates) => {
    const lists = [
      updates.map(({ state }) => state.value),
      updates.map(({ state }) => state.momentum),
      updates.map(({ gradient }) => gradient),
    ];
    const numbers = updates.map(({ hyper }) => [
      hyper.weightDecay,
      hyper.momentumFactor,
      hyper.learningRate,
    ]);
    const [values, momentums] = run("QpruneSgd", lists, numbers, 2);
    return updates.map((_, index) => ({
      value: values?.[index] as Tensor,
      momentum: momentums?.[index] as Tensor,
    }));
  });
};
