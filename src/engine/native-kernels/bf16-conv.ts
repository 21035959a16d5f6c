import { registerKernel } from "../../tensor/op.js";
import {
  bf16Conv2d,
  bf16Conv2dInputGradient,
  bf16Conv2dKernelGradient,
} from "../../tensor/ops/bf16-conv.js";
import { FLOAT32 } from "../../tensor/storage.js";
import type { Tensor4D } from "../../tensor/tf.js";
import type { NativeBackend } from "../native-backend.js";
import { attributeMaker } from "./activation-attributes.js";
import { convAttributes } from "./conv-attributes.js";
import { storageAttribute, storedLevels } from "./storage-attributes.js";

/** Registers the convolutions of bfloat16 operands and their gradients. */
export const registerBf16ConvKernels = (backend: NativeBackend): void => {
  const { int, ints } = attributeMaker(backend);
  registerKernel(
    bf16Conv2d,
    (x, kernel, geometry, y = FLOAT32) =>
      backend.executeSingleOutput(
        "QpruneBf16Conv",
        [...convAttributes(backend, geometry), storageAttribute(backend, "Ty", y)],
        [x, kernel],
      ) as Tensor4D,
  );
  registerKernel(bf16Conv2dInputGradient, (dy, kernel, [, h, w], geometry, dx = FLOAT32) => {
    const attributes = [
      ...convAttributes(backend, geometry),
      ints("sides", [h, w]),
      storageAttribute(backend, "Tdx", dx),
    ];
    return backend.executeSingleOutput("QpruneBf16ConvInputGrad", attributes, [
      dy,
      kernel,
    ]) as Tensor4D;
  });
  registerKernel(bf16Conv2dKernelGradient, (x, dy, [kh, kw], geometry, storage = FLOAT32) => {
    const attributes = [
      ...convAttributes(backend, geometry),
      ints("kernel", [kh, kw]),
      int("levels", storedLevels(storage)),
    ];
    return backend.executeSingleOutput("QpruneBf16ConvKernelGrad", attributes, [x, dy]) as Tensor4D;
  });
};
