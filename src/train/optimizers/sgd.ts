import { sgdUpdate } from "../../tensor/ops/sgd-update.js";
import type { Tensor } from "../../tensor/tf.js";
import type { UpdateRule } from "./optimizer.js";

/** SGD with Nesterov momentum (see sgdUpdate). */
export const sgdRule = (momentumFactor: number): UpdateRule => ({
  kind: "sgd",
  update: (updates) =>
    sgdUpdate(
      updates.map(({ state: { value, slots }, gradient, hyper }) => {
        const [momentum] = slots as [Tensor];
        const { learningRate, weightDecay } = hyper;
        const numbers = { learningRate, weightDecay, momentumFactor };
        return { state: { value, momentum }, gradient, hyper: numbers };
      }),
    ).map(({ value, momentum }) => ({ value, slots: [momentum] })),
});
