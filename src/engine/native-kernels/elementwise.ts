import { registerKernel } from "../../tensor/op.js";
import { activate, activateGradient } from "../../tensor/ops/activation.js";
import {
  binaryWeights,
  binaryWeightsBackward,
  centerAndClamp,
} from "../../tensor/ops/binary-weights.js";
import { channelShuffle } from "../../tensor/ops/channel-shuffle.js";
import { doReFaWeights, doReFaWeightsGradient } from "../../tensor/ops/dorefa-weights.js";
import { learnedWeights, learnedWeightsGradient } from "../../tensor/ops/learned-weights.js";
import { FLOAT32 } from "../../tensor/storage.js";
import { type Tensor4D, tf } from "../../tensor/tf.js";
import type { NativeBackend } from "../native-backend.js";
import { activationAttributes, attributeMaker } from "./activation-attributes.js";
import { outputAttributes, storageAttribute } from "./storage-attributes.js";

/** Registers the native kernels of elementwise ops: activations, channel shuffle, DoReFa's and binary weights. */
export const registerElementwiseKernels = (backend: NativeBackend): void => {
  const { int } = attributeMaker(backend);

  registerKernel(activate, (x, activation, y = FLOAT32) =>
    backend.executeSingleOutput(
      "QpruneActivate",
      [...activationAttributes(backend, activation), ...outputAttributes(backend, y)],
      [x],
    ),
  );
  registerKernel(activateGradient, (dy, x, activation, dx = FLOAT32) =>
    backend.executeSingleOutput(
      "QpruneActivateGrad",
      [...activationAttributes(backend, activation), storageAttribute(backend, "Tdx", dx)],
      [dy, x],
    ),
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
  registerKernel(learnedWeights, (w, step, levels) =>
    backend.executeSingleOutput("QpruneLearnedWeights", [int("levels", levels)], [w, step]),
  );
  registerKernel(learnedWeightsGradient, (dq, w, step, levels) => {
    const [dw, dStep] = backend.executeMultipleOutputs(
      "QpruneLearnedWeightsGrad",
      [int("levels", levels)],
      [dq, w, step],
      2,
    ) as [tf.Tensor, tf.Tensor];
    return { dw, dStep };
  });
  registerKernel(doReFaWeightsGradient, (dq, w) =>
    backend.executeSingleOutput("QpruneDorefaWeightsGrad", [], [dq, w]),
  );
  registerKernel(centerAndClamp, (w) =>
    backend.executeSingleOutput("QpruneCenterAndClamp", [], [w]),
  );
  registerKernel(binaryWeights, (w, hasAlpha) =>
    backend.executeSingleOutput("QpruneBinaryWeights", [int("has_alpha", hasAlpha ? 1 : 0)], [w]),
  );
  registerKernel(binaryWeightsBackward, (dq, w) =>
    backend.executeSingleOutput("QpruneBinaryWeightsGrad", [], [dq, w]),
  );
};
