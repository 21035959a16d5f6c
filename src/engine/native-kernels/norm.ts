import { registerKernel } from "../../tensor/op.js";
import {
  affineActivate,
  type NormTail,
  normActivateGradient,
  normActivateRecompute,
  normActivateTrain,
} from "../../tensor/ops/norm-activate.js";
import type { Tensor1D, Tensor4D } from "../../tensor/tf.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";
import { activationAttributes, attributeMaker } from "./activation-attributes.js";

/** Registers the native kernels of batch normalization with its activation and channel shuffle. */
export const registerNormKernels = (backend: NativeBackend): void => {
  const { int, float } = attributeMaker(backend);
  const tailAttributes = ({ activation, shuffleGroups }: NormTail): OpAttribute[] => [
    ...activationAttributes(backend, activation),
    int("shuffle_groups", shuffleGroups),
  ];

  registerKernel(normActivateTrain, (x, { gamma, beta }, running, update, epsilon, tail) => {
    const [y, mean, variance, runningMean, runningVariance] = backend.executeMultipleOutputs(
      "QpruneNormActivateTrain",
      [
        ...tailAttributes(tail),
        float("epsilon", epsilon),
        float("old_weight", 1 - update.weight),
        float("new_weight", update.weight),
      ],
      [x, gamma, beta, running.mean, running.variance, update.inputBias],
      5,
    ) as [Tensor4D, Tensor1D, Tensor1D, Tensor1D, Tensor1D];
    return { y, mean, variance, running: { mean: runningMean, variance: runningVariance } };
  });
  registerKernel(
    normActivateRecompute,
    ({ x, gamma, beta, mean, variance }, epsilon, tail) =>
      backend.executeSingleOutput(
        "QpruneNormActivateAgain",
        [...tailAttributes(tail), float("epsilon", epsilon)],
        [x, gamma, beta, mean, variance],
      ) as Tensor4D,
  );
  registerKernel(normActivateGradient, (dy, saved, epsilon, tail) => {
    const [dx, dGamma, dBeta] = backend.executeMultipleOutputs(
      "QpruneNormActivateGrad",
      [...tailAttributes(tail), float("epsilon", epsilon)],
      [dy, saved.x, saved.gamma, saved.beta, saved.mean, saved.variance],
      3,
    ) as [Tensor4D, Tensor1D, Tensor1D];
    return { dx, dGamma, dBeta };
  });
  registerKernel(
    affineActivate,
    (x, { center, scale, shift }, tail) =>
      backend.executeSingleOutput("QpruneAffineActivate", tailAttributes(tail), [
        x,
        center,
        scale,
        shift,
      ]) as Tensor4D,
  );
};
