import { defineOp } from "../op.js";
import { asStored, type Storage } from "../storage.js";
import { type Tensor4D, tf } from "../tf.js";
import { type ConvGeometry, conv2d, conv2dInputGradient, conv2dKernelGradient } from "./conv2d.js";
import type { Shape4D } from "./grouped-conv.js";

// conv2d and its gradients with one filter per channel, for maps in bfloat16. Products and sums are of floats.

/** conv2d, stored as `y`. */
export const storedDepthwiseConv2d = defineOp(
  "storedDepthwiseConv2d",
  (x: Tensor4D, kernel: Tensor4D, geometry: ConvGeometry, y: Storage): Tensor4D =>
    tf.tidy(() => asStored(conv2d.plain(x, kernel, geometry), y)),
);

/** conv2dInputGradient, stored as `dx`. */
export const storedDepthwiseConv2dInputGradient = defineOp(
  "storedDepthwiseConv2dInputGradient",
  (
    dy: Tensor4D,
    kernel: Tensor4D,
    inputShape: Shape4D,
    geometry: ConvGeometry,
    dx: Storage,
  ): Tensor4D =>
    tf.tidy(() => asStored(conv2dInputGradient.plain(dy, kernel, inputShape, geometry), dx)),
);

/** conv2dKernelGradient of maps with these storages. */
export const storedDepthwiseConv2dKernelGradient = defineOp(
  "storedDepthwiseConv2dKernelGradient",
  (
    x: Tensor4D,
    dy: Tensor4D,
    kernelShape: Shape4D,
    geometry: ConvGeometry,
    _storage: { readonly x: Storage; readonly dy: Storage },
  ): Tensor4D => conv2dKernelGradient.plain(x, dy, kernelShape, geometry),
);
