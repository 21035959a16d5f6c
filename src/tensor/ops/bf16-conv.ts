import { defineOp } from "../op.js";
import { asStored, FLOAT32, roundToBf16, type Storage } from "../storage.js";
import { type Tensor4D, tf } from "../tf.js";
import { type ConvGeometry, conv2d, conv2dInputGradient, conv2dKernelGradient } from "./conv2d.js";
import type { Shape4D } from "./grouped-conv.js";

/**
 * {@link conv2d} with operands rounded to bfloat16. Products are exact; sums are float32, and the result is stored as `y`. Its
 * gradients round their operands, too; the gradient of rounding is that of the identity. Maps may be stored in bfloat16.
 */
export const bf16Conv2d = defineOp(
  "bf16Conv2d",
  (x: Tensor4D, kernel: Tensor4D, geometry: ConvGeometry, y: Storage = FLOAT32): Tensor4D =>
    tf.tidy(() => asStored(conv2d.plain(roundToBf16(x), roundToBf16(kernel), geometry), y)),
);

/** Gradient of {@link bf16Conv2d} with respect to x, with shape `inputShape`; dy has the output's shape. */
export const bf16Conv2dInputGradient = defineOp(
  "bf16Conv2dInputGradient",
  (
    dy: Tensor4D,
    kernel: Tensor4D,
    inputShape: Shape4D,
    geometry: ConvGeometry,
    dx: Storage = FLOAT32,
  ): Tensor4D =>
    tf.tidy(() => {
      const operands = [roundToBf16(dy), roundToBf16(kernel)] as const;
      return asStored(conv2dInputGradient.plain(...operands, inputShape, geometry), dx);
    }),
);

/**
 * Gradient of {@link bf16Conv2d} with respect to the kernel, with shape `kernelShape`. `storage` is that of x; an engine need not round
 * an x that is stored as codes.
 */
export const bf16Conv2dKernelGradient = defineOp(
  "bf16Conv2dKernelGradient",
  (
    x: Tensor4D,
    dy: Tensor4D,
    kernelShape: Shape4D,
    geometry: ConvGeometry,
    _storage: Storage = FLOAT32,
  ): Tensor4D =>
    tf.tidy(() =>
      conv2dKernelGradient.plain(roundToBf16(x), roundToBf16(dy), kernelShape, geometry),
    ),
);
