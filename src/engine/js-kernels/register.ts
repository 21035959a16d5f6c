import { speedUpChannelArithmetic } from "./channel-arithmetic.js";
import { registerJsShuffleKernel } from "./channel-shuffle.js";
import { speedUpChannelSums } from "./channel-sums.js";
import { registerJsConvKernels } from "./conv2d.js";
import { registerJsPoolKernels } from "./pool.js";

let isBackendPrepared = false;

/**
 * Registers plain loops for the ops that they make many times faster than TensorFlow.js's ops on its JavaScript backend.
 * The other ops run as reference implementations.
 */
export const registerJsKernels = (): void => {
  if (!isBackendPrepared) {
    speedUpChannelArithmetic();
    speedUpChannelSums();
    isBackendPrepared = true;
  }
  registerJsConvKernels();
  registerJsPoolKernels();
  registerJsShuffleKernel();
};
