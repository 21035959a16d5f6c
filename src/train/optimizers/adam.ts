import type { Parameter } from "../../models/parameter.js";
import type { OptimizerState } from "../../models/trainer-state.js";
import { adamUpdate } from "../../tensor/ops/adam-update.js";
import type { Tensor } from "../../tensor/tf.js";
import { type Optimizer, optimizerOf, type UpdateRule } from "./optimizer.js";

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

/** Adam's rule; the decay is either added to the gradient or decoupled from it (see adamUpdate). */
export const adamRule = (kind: "adam" | "adamw"): UpdateRule => ({
  kind,
  update: (updates) =>
    adamUpdate(
      updates.map(({ state: { value, slots }, gradient, hyper }) => {
        const [firstMoment, secondMoment] = slots as [Tensor, Tensor];
        return {
          state: { value, firstMoment, secondMoment },
          gradient,
          hyper: {
            ...hyper,
            isDecoupled: kind === "adamw",
            beta1: BETA_1,
            beta2: BETA_2,
            epsilon: EPSILON,
          },
        };
      }),
    ).map(({ value, firstMoment, secondMoment }) => ({
      value,
      slots: [firstMoment, secondMoment],
    })),
});

/** Adam as PyTorch computes it: the weight decay is added to the gradient (Kingma & Ba 2015, algorithm 1). */
export const createAdam = (parameters: readonly Parameter[], saved?: OptimizerState): Optimizer =>
  optimizerOf(adamRule("adam"), parameters, saved);
