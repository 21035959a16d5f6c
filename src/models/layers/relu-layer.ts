import { activate, activateGradient } from "../../tensor/ops/activation.js";
import { tf } from "../../tensor/tf.js";
import type { Layer } from "./layer.js";

const RELU = { kind: "relu" } as const;

/** A separate ReLU; a ReLU that follows a norm is part of the norm layer. */
export const reluLayer = (): Layer => ({
  parameters: [],
  infer: (x) => {
    const y = activate(x, RELU);
    x.dispose();
    return y;
  },
  train: (x) => ({
    y: activate(x, RELU),
    backward: (dy) => {
      const dx = activateGradient(dy, x, RELU);
      tf.dispose([dy, x]);
      return dx;
    },
  }),
});
