import { registerKernel } from "../../tensor/op.js";
import { prelu, preluGradient, scaleGradient } from "../../tensor/ops/channel-wise.js";
import type { Tensor, Tensor1D } from "../../tensor/tf.js";
import type { NativeBackend } from "../native-backend.js";

/** Registers PReLU and the gradients of functions with a number for each channel. */
export const registerChannelWiseKernels = (backend: NativeBackend): void => {
  registerKernel(prelu, (x, slope) => backend.executeSingleOutput("QprunePrelu", [], [x, slope]));
  registerKernel(
    preluGradient,
    (dy, x, slope) =>
      backend.executeMultipleOutputs("QprunePreluGrad", [], [dy, x, slope], 2) as [
        Tensor,
        Tensor1D,
      ],
  );
  registerKernel(
    scaleGradient,
    (dy, x, scale) =>
      backend.executeMultipleOutputs("QpruneScaleGrad", [], [dy, x, scale], 3) as [
        Tensor,
        Tensor1D,
        Tensor1D,
      ],
  );
};
