import { registerKernel } from "../../tensor/op.js";
import {
  affineActivate,
  type NormTail,
  normActivateGradient,
  normActivateRecompute,
  normActivateTrain,
} from "../../tensor/ops/norm-activate.js";
import { FLOAT32 } from "../../tensor/storage.js";
import type { Tensor1D, Tensor4D } from "../../tensor/tf.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";
import { attributeMaker, tailAttributes } from "./activation-attributes.js";
import { outputAttributes, storageAttribute } from "./storage-attributes.js";

/** Registers the native kernels of batch normalization with its activation and channel shuffle. */
export const registerNormKernels = (backend: NativeBackend): void => {
  const { int, float } = attributeMaker(backend);
  const tailWithAddend = (tail: NormTail, addend: Tensor4D | null): OpAttribute[] => [
    ...tailAttributes(backend, tail),
    int("adds", addend ? 1 : 0),
  ];
  // An op has a fixed number of inputs: without an addend the last one is x, which is then not added.

  registerKernel(
    normActivateTrain,
    (x, { gamma, beta }, running, update, epsilon, tail, addend, stored = FLOAT32) => {
      const [y, mean, variance, runningMean, runningVariance] = backend.executeMultipleOutputs(
        "QpruneNormActivateTrain",
        [
          ...tailWithAddend(tail, addend),
          ...outputAttributes(backend, stored),
          float("epsilon", epsilon),
          float("old_weight", 1 - update.weight),
          float("new_weight", update.weight),
        ],
        [x, gamma, beta, running.mean, running.variance, update.inputBias, addend ?? x],
        5,
      ) as [Tensor4D, Tensor1D, Tensor1D, Tensor1D, Tensor1D];
      return { y, mean, variance, running: { mean: runningMean, variance: runningVariance } };
    },
  );
  registerKernel(
    normActivateRecompute,
    ({ x, addend, gamma, beta, mean, variance }, epsilon, tail, y = FLOAT32) =>
      backend.executeSingleOutput(
        "QpruneNormActivateAgain",
        [
          ...tailWithAddend(tail, addend),
          ...outputAttributes(backend, y),
          float("epsilon", epsilon),
        ],
        [x, gamma, beta, mean, variance, addend ?? x],
      ) as Tensor4D,
  );
  registerKernel(normActivateGradient, (dy, saved, epsilon, tail, storage = {}) => {
    const { x, addend, gamma, beta, mean, variance } = saved;
    const [dx, dGamma, dBeta, dAddend] = backend.executeMultipleOutputs(
      "QpruneNormActivateGrad",
      [
        ...tailWithAddend(tail, addend),
        float("epsilon", epsilon),
        storageAttribute(backend, "Tdx", storage.dx ?? FLOAT32),
        storageAttribute(backend, "Tda", storage.dAddend ?? FLOAT32),
      ],
      [dy, x, gamma, beta, mean, variance, addend ?? x],
      4,
    ) as [Tensor4D, Tensor1D, Tensor1D, Tensor4D];
    if (addend) return { dx, dGamma, dBeta, dAddend };
    dAddend.dispose();
    return { dx, dGamma, dBeta, dAddend: null };
  });
  registerKernel(
    affineActivate,
    (x, { center, scale, shift }, tail, addend, y = FLOAT32) =>
      backend.executeSingleOutput(
        "QpruneAffineActivate",
        [...tailWithAddend(tail, addend), ...outputAttributes(backend, y)],
        [x, center, scale, shift, addend ?? x],
      ) as Tensor4D,
  );
};
