import type { Net } from "../../models/net.js";
import { replaceValue } from "../../models/parameter.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import type { Workers } from "../../tensor/workers.js";
import { gradientSums } from "./gradient-sums.js";
import { ownTensors, valuesOf } from "./shared-state.js";

/** The result of a step over the images of all workers. */
export interface StepSums {
  /** The mean loss, a scalar. */
  readonly loss: Tensor;
  /** Sums of the numbers that each worker counted. */
  readonly counts: readonly number[];
}

/**
 * A step of several workers. Its gradients become the means over the images of all workers, and so do the running
 * statistics, so that the nets stay equal to the bit.
 * @param weight of this worker's images in the mean; the weights of all workers have the sum 1
 */
export const sharedStep = (net: Net, workers: Workers, weight: number) => {
  const before = valuesOf(net);
  const gradients = gradientSums(net.parameters, workers, weight);
  return {
    /** Sends the gradients that the backward pass has computed so far. */
    collect: gradients.collect,
    /** Ends the backward pass with this worker's mean loss, which it takes over, and what it counted: whole numbers in total. */
    finish: (ownLoss: Tensor, counted: readonly number[]): StepSums => {
      gradients.end();
      const own = ownTensors(net, before);
      // The factor of the sums is undone for counts: whole numbers are restored by rounding.
      const scaled = tf.tensor1d(counted.map((count) => count / weight));
      const finish = workers.startSums([ownLoss, scaled, ...own.map(({ value }) => value)], weight);
      tf.dispose([ownLoss, scaled]);
      gradients.finish();
      const [loss, counts, ...means] = finish() as [Tensor, Tensor, ...Tensor[]];
      own.forEach((tensor, index) => {
        replaceValue(tensor, means[index] as Tensor);
      });
      const sums = [...counts.dataSync()].map(Math.round);
      counts.dispose();
      return { loss, counts: sums };
    },
  };
};
