import { speedUpChannelArithmetic } from "./channel-arithmetic.js";
import { registerJsShuffleKernel } from "./channel-shuffle.js";
import { speedUpChannelSums } from "./channel-sums.js";
import { registerJsConvKernels } from "./conv2d.js";
import { registerJsPoolKernels } from "./pool.js";

let isBackendPrepared = false;

/**
 * Registers the ops of core that are many times faster as plain loops than as TensorFlow.js's ops on
 * its JavaScript backend. The rest runs as plain twins.
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
