import type { Net } from "../../models/net.js";
import { replaceValue, type StateTensor } from "../../models/parameter.js";
import { type Tensor, tf } from "../../tensor/tf.js";

/** What a pass may change in a net, to be put back or forgotten. */
export interface NetSnapshot {
  readonly restore: () => void;
  readonly discard: () => void;
}

/** Remembers tensors of a net and its hysteresis state. The data is shared, not copied. */
export const snapshotTensors = (
  { codes }: Pick<Net, "codes">,
  tensors: readonly StateTensor[],
): NetSnapshot => {
  const values = tensors.map(({ value }) => tf.clone(value));
  const states = codes.map((state) => state.codes && tf.clone(state.codes));
  return {
    restore: () => {
      tensors.forEach((tensor, index) => {
        replaceValue(tensor, values[index] as Tensor);
      });
      codes.forEach((state, index) => {
        state.codes?.dispose();
        state.codes = states[index] ?? null;
      });
    },
    discard: () => {
      for (const tensor of [...values, ...states]) tensor?.dispose();
    },
  };
};

/** Remembers all that a training pass changes: parameters, running statistics, hysteresis state and counters. */
export const snapshotNet = (net: Net): NetSnapshot => {
  const { state, batchCounters, trainingPasses } = net;
  const tensors = snapshotTensors(net, state);
  const counts = batchCounters.map(({ count }) => count);
  const passes = trainingPasses.count;
  return {
    ...tensors,
    restore: () => {
      tensors.restore();
      batchCounters.forEach((counter, index) => {
        counter.count = counts[index] as number;
      });
      trainingPasses.count = passes;
      for (const parameter of net.parameters) {
        parameter.gradient?.dispose();
        parameter.gradient = null;
      }
    },
  };
};
