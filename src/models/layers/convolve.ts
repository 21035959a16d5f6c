import {
  bf16Conv2d,
  bf16Conv2dInputGradient,
  bf16Conv2dKernelGradient,
} from "../../tensor/ops/bf16-conv.js";
import {
  type ConvGeometry,
  codedConv2d,
  conv2d,
  conv2dInputGradient,
  conv2dKernelGradient,
} from "../../tensor/ops/conv2d.js";
import { hasDepthwiseKernel } from "../../tensor/ops/depthwise-conv.js";
import type { Tensor4D } from "../../tensor/tf.js";
import type { Precision } from "../precision.js";

/** A convolution in floats and its gradients. */
export interface Convolution {
  readonly forward: typeof conv2d.plain;
  readonly inputGradient: typeof conv2dInputGradient.plain;
  readonly kernelGradient: typeof conv2dKernelGradient.plain;
}

const FLOAT32: Convolution = {
  forward: conv2d,
  inputGradient: conv2dInputGradient,
  kernelGradient: conv2dKernelGradient,
};

const BF16: Convolution = {
  forward: bf16Conv2d,
  inputGradient: bf16Conv2dInputGradient,
  kernelGradient: bf16Conv2dKernelGradient,
};

/**
 * The convolution with a kernel of a shape, in a precision. Depthwise ones are always float32: they spend their time on
 * memory, not on products.
 */
export const convolutionIn = (
  precision: Precision,
  kernelShape: readonly number[],
  { groups }: ConvGeometry,
): Convolution =>
  precision === "bf16" && !hasDepthwiseKernel(kernelShape, groups) ? BF16 : FLOAT32;

/** Convolves with integer codes if `levels` is the number of input levels (see {@link codedConv2d}), in floats if null. */
export const convolve = (
  x: Tensor4D,
  kernel: Tensor4D,
  levels: number | null,
  geometry: ConvGeometry,
  { forward }: Convolution,
): Tensor4D =>
  levels === null ? forward(x, kernel, geometry) : codedConv2d(x, kernel, levels, geometry);
