import { registerKernel } from "../../tensor/op.js";
import { activate, activateGradient } from "../../tensor/ops/activation.js";
import { adamUpdate, type ParameterWithMoments } from "../../tensor/ops/adam-update.js";
import { channelShuffle } from "../../tensor/ops/channel-shuffle.js";
import { doReFaWeights, doReFaWeightsGradient } from "../../tensor/ops/dorefa-weights.js";
import { type ParameterWithMomentum, sgdUpdate } from "../../tensor/ops/sgd-update.js";
import { type Tensor4D, tf } from "../../tensor/tf.js";
import type { NativeBackend } from "../native-backend.js";
import { activationAttributes, attributeMaker } from "./activation-attributes.js";

/** Registers the native kernels of elementwise ops: activations, channel shuffle, DoReFa's weights, optimizers. */
export const registerElementwiseKernels = (backend: NativeBackend): void => {
  const { int } = attributeMaker(backend);

  registerKernel(activate, (x, activation) =>
    backend.executeSingleOutput("QpruneActivate", activationAttributes(backend, activation), [x]),
  );
  registerKernel(activateGradient, (dy, x, activation) =>
    backend.executeSingleOutput("QpruneActivateGrad", activationAttributes(backend, activation), [
      dy,
      x,
    ]),
  );
  registerKernel(
    channelShuffle,
    (x, groups) =>
      backend.executeSingleOutput("QpruneChannelShuffle", [int("groups", groups)], [x]) as Tensor4D,
  );
  registerKernel(doReFaWeights, (w, levels) =>
    tf.tidy(() =>
      backend.executeSingleOutput("QpruneDorefaWeights", [int("levels", levels)], [tf.tanh(w)]),
    ),
  );
  registerKernel(doReFaWeightsGradient, (dq, w) =>
    tf.tidy(() => {
      const t = tf.tanh(w);
      // TensorFlow's sum, so that its order of addition is that of the reference.
      const product = tf.sum(tf.mul(dq, t));
      return backend.executeSingleOutput("QpruneDorefaWeightsGrad", [], [dq, t, product]);
    }),
  );
  registerKernel(adamUpdate, (state, gradient, hyper): ParameterWithMoments => {
    const { beta1, beta2, step, isDecoupled = false } = hyper;
    const numbers = tf.tensor1d([
      isDecoupled ? 0 : hyper.weightDecay,
      1 - beta1,
      beta2,
      1 - beta2,
      hyper.learningRate / (1 - beta1 ** step),
      Math.sqrt(1 - beta2 ** step),
      hyper.epsilon,
      isDecoupled ? 1 - hyper.learningRate * hyper.weightDecay : 1,
    ]);
    const [value, firstMoment, secondMoment] = backend.executeMultipleOutputs(
      "QpruneAdam",
      [],
      [state.value, state.firstMoment, state.secondMoment, gradient, numbers],
      3,
    ) as [tf.Tensor, tf.Tensor, tf.Tensor];
    numbers.dispose();
    return { value, firstMoment, secondMoment };
  });
  registerKernel(sgdUpdate, ({ value, momentum }, gradient, hyper): ParameterWithMomentum => {
    const numbers = tf.tensor1d([hyper.weightDecay, hyper.momentumFactor, hyper.learningRate]);
    const [nextValue, nextMomentum] = backend.executeMultipleOutputs(
      "QpruneSgd",
      [],
      [value, momentum, gradient, numbers],
      2,
    ) as [tf.Tensor, tf.Tensor];
    numbers.dispose();
    return { value: nextValue, momentum: nextMomentum };
  });
};
