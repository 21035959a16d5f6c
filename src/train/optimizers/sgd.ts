import { sgdUpdate } from "../../tensor/ops/sgd-update.js";
import type { Tensor } from "../../tensor/tf.js";
import type { UpdateRule } from "./optimizer.js";

/** SGD with Nesterov momentum (see sgdUpdate). */
export const sgdRule = (momentumFactor: number): UpdateRule => ({
  kind: "sgd",
  update: ({ value, slots }, gradient, { learningRate, weightDecay }) => {
    const [momentum] = slots as [Tensor];
    const hyper = { learningRate, weightDecay, momentumFactor };
    const next = sgdUpdate({ value, momentum }, gradient, hyper);
    return { value: next.value, slots: [next.momentum] };
  },
});
