import { defineOp } from "../op.js";
import { type Tensor4D, tf } from "../tf.js";
import { type ConvGeometry, conv2d, conv2dInputGradient, conv2dKernelGradient } from "./conv2d.js";
import type { Shape4D } from "./grouped-conv.js";

/** 2^16 + 1: the product with it moves the lower 16 of a float's 24 significant bits beyond the point of rounding. */
const SPLITTER = 65537;

/**
 * Rounds to the nearest bfloat16, which has 8 significant bits (Veltkamp's splitting; Dekker 1971). It is exact up to
 * 5e33, beyond which it gives NaN. Of two equally near numbers it may choose the odd one, where engines choose the even one.
 */
export const roundToBf16 = (x: Tensor4D): Tensor4D =>
  tf.tidy(() => {
    const product = tf.mul(x, SPLITTER);
    return tf.sub(product, tf.sub(product, x));
  });

/**
 * {@link conv2d} with operands rounded to bfloat16. Products are exact; sums and the result are float32. Its gradients round their
 * operands, too; the gradient of rounding is that of the identity.
 */
export const bf16Conv2d = defineOp(
  "bf16Conv2d",
  (x: Tensor4D, kernel: Tensor4D, geometry: ConvGeometry): Tensor4D =>
    tf.tidy(() => conv2d.plain(roundToBf16(x), roundToBf16(kernel), geometry)),
);

/** Gradient of {@link bf16Conv2d} with respect to x, with shape `inputShape`; dy has the output's shape. */
export const bf16Conv2dInputGradient = defineOp(
  "bf16Conv2dInputGradient",
  (dy: Tensor4D, kernel: Tensor4D, inputShape: Shape4D, geometry: ConvGeometry): Tensor4D =>
    tf.tidy(() =>
      conv2dInputGradient.plain(roundToBf16(dy), roundToBf16(kernel), inputShape, geometry),
    ),
);

/** Gradient of {@link bf16Conv2d} with respect to the kernel, with shape `kernelShape`. */
export const bf16Conv2dKernelGradient = defineOp(
  "bf16Conv2dKernelGradient",
  (x: Tensor4D, dy: Tensor4D, kernelShape: Shape4D, geometry: ConvGeometry): Tensor4D =>
    tf.tidy(() =>
      conv2dKernelGradient.plain(roundToBf16(x), roundToBf16(dy), kernelShape, geometry),
    ),
);
