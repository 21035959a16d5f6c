import type { NativeBackend } from "../native-backend.js";
import { registerBf16ConvKernels } from "./bf16-conv.js";
import { registerChannelWiseKernels } from "./channel-wise.js";
import { registerConvKernels } from "./conv2d.js";
import { registerStoredDepthwiseKernels } from "./depthwise-conv.js";
import { registerElementwiseKernels } from "./elementwise.js";
import { registerMatrixKernel } from "./matrix-product.js";
import { registerNormKernels } from "./norm.js";
import { registerOptimizerKernels } from "./optimizers.js";
import { registerPoolKernels } from "./pool.js";
import { registerStoredMapKernels } from "./stored-maps.js";

/** Registers the native kernels of the ops in tensor/ops on a loaded backend. */
export const registerNativeKernels = (backend: NativeBackend): void => {
  registerConvKernels(backend);
  registerBf16ConvKernels(backend);
  registerStoredDepthwiseKernels(backend);
  registerMatrixKernel(backend);
  registerNormKernels(backend);
  registerPoolKernels(backend);
  registerElementwiseKernels(backend);
  registerChannelWiseKernels(backend);
  registerOptimizerKernels(backend);
  registerStoredMapKernels(backend);
};
