import { clearKernels } from "../core/op.js";
import { tf } from "../core/tf.js";
import { registerJsConvKernels } from "./js-kernels/conv2d.js";

/**
 * Makes TensorFlow.js's pure JavaScript backend the one that runs: plain ops, but for
 * convolutions, whose plain twins take minutes there.
 */
export const loadJs = async (): Promise<void> => {
  await import("@tensorflow/tfjs-backend-cpu");
  clearKernels();
  await tf.setBackend("cpu");
  await tf.ready();
  registerJsConvKernels();
};
