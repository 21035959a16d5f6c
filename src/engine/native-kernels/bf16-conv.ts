import { registerKernel } from "../../tensor/op.js";
import {
  bf16Conv2d,
  bf16Conv2dInputGradient,
  bf16Conv2dKernelGradient,
} from "../../tensor/ops/bf16-conv.js";
import type { Tensor4D } from "../../tensor/tf.js";
import type { NativeBackend } from "../native-backend.js";
import { attributeMaker } from "./activation-attributes.js";
import { convAttributes } from "./conv-attributes.js";

/** Registers the convolutions of bfloat16 operands and their gradients. */
export const registerBf16ConvKernels = (backend: NativeBackend): void => {
  const { ints } = attributeMaker(backend);
  registerKernel(
    bf16Conv2d,
    (x, kernel, geometry) =>
      backend.executeSingleOutput("QpruneBf16Conv", convAttributes(backend, geometry), [
        x,
        kernel,
      ]) as Tensor4D,
  );
  registerKernel(bf16Conv2dInputGradient, (dy, kernel, [, h, w], geometry) => {
    const attributes = [...convAttributes(backend, geometry), ints("sides", [h, w])];
    return backend.executeSingleOutput("QpruneBf16ConvInputGrad", attributes, [
      dy,
      kernel,
    ]) as Tensor4D;
  });
  registerKernel(bf16Conv2dKernelGradient, (x, dy, [kh, kw], geometry) => {
    const attributes = [...convAttributes(backend, geometry), ints("kernel", [kh, kw])];
    return backend.executeSingleOutput("QpruneBf16ConvKernelGrad", attributes, [x, dy]) as Tensor4D;
  });
};
