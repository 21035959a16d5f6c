import { clearKernels } from "../tensor/op.js";
import { tf } from "../tensor/tf.js";
import { registerJsKernels } from "./js-kernels/register.js";

/** Makes TensorFlow.js's pure JavaScript backend the one that runs, with the package's own loops. */
export const loadJs = async (): Promise<void> => {
  await import("@tensorflow/tfjs-backend-cpu");
  clearKernels();
  await tf.setBackend("cpu");
  await tf.ready();
  registerJsKernels();
};
