import { type Padding, type Pair, reachOf } from "../../base/sliding-window.js";
import { defineOp } from "../op.js";
import { padMaps } from "../pad-maps.js";
import { spreadMaps, thinMaps } from "../spread-maps.js";
import { AS_FLOATS, asStored, type MapStorage } from "../storage.js";
import { type Tensor4D, tf } from "../tf.js";
import {
  depthwiseConv,
  depthwiseConvInputGradient,
  depthwiseConvKernelGradient,
  hasDepthwiseKernel,
} from "./depthwise-conv.js";
import {
  groupedConv,
  groupedConvInputGradient,
  groupedConvKernelGradient,
  type Shape4D,
} from "./grouped-conv.js";

/** How a kernel slides over maps, and the number of channel groups; a conv node of a graph has these fields. */
export interface ConvGeometry {
  readonly stride: Pair;
  readonly padding: Padding;
  readonly dilation: Pair;
  readonly groups: number;
}

/** The same kernel without dilation: zeros fill the rows and columns between its taps. */
const undilated = (kernel: Tensor4D, dilation: Pair): Tensor4D => {
  if (Math.max(...dilation) === 1) return kernel;
  const [kh, kw, cIn, cOut] = kernel.shape;
  const spread = spreadMaps(tf.reshape(kernel, [1, kh, kw, cIn * cOut]), dilation);
  return tf.reshape(spread, [spread.shape[1], spread.shape[2], cIn, cOut]);
};

/** The values of an undilated kernel at the taps. */
const tapsOf = (kernel: Tensor4D, dilation: Pair, shape: Shape4D): Tensor4D => {
  if (Math.max(...dilation) === 1) return kernel;
  const [reachH, reachW, cIn, cOut] = kernel.shape;
  const maps = tf.reshape(kernel, [1, reachH, reachW, cIn * cOut]) as Tensor4D;
  return tf.reshape(thinMaps(maps, dilation, [shape[0], shape[1]]), shape);
};

/**
 * Grouped 2-D convolution. x: [n, h, w, cIn], kernel: [kh, kw, cIn / groups, cOut] -> [n, h', w', cOut]; the sides are
 * those of `slide`. Group g maps the g-th run of cIn / groups input channels to the g-th run of cOut / groups output
 * channels, as `groups` in PyTorch.
 */
export const conv2d = defineOp(
  "conv2d",
  (x: Tensor4D, kernel: Tensor4D, geometry: ConvGeometry): Tensor4D =>
    tf.tidy(() => {
      const { stride, padding, dilation, groups } = geometry;
      const [source, whole] = [padMaps(x, padding), undilated(kernel, dilation)];
      return hasDepthwiseKernel(kernel.shape, groups)
        ? depthwiseConv(source, whole, stride)
        : groupedConv(source, whole, stride, groups);
    }),
);

/**
 * {@link conv2d} of quantized operands. The values of x are multiples of 1 / inputLevels from -1 to 1; the weights of each
 * filter are multiples of one factor per filter. An engine may convolve the integer codes instead, whose sums are exact.
 * Operands with other values are slower, not wrong. x may be stored as codes.
 */
export const codedConv2d = defineOp(
  "codedConv2d",
  (
    x: Tensor4D,
    kernel: Tensor4D,
    _inputLevels: number,
    geometry: ConvGeometry,
    { y }: MapStorage = AS_FLOATS,
  ): Tensor4D => tf.tidy(() => asStored(conv2d(x, kernel, geometry), y)),
);

/** Gradient of {@link conv2d} with respect to x, with shape `inputShape`; dy has the output's shape. */
export const conv2dInputGradient = defineOp(
  "conv2dInputGradient",
  (dy: Tensor4D, kernel: Tensor4D, inputShape: Shape4D, geometry: ConvGeometry): Tensor4D =>
    tf.tidy(() => {
      const { stride, padding, dilation, groups } = geometry;
      const [top, left, bottom, right] = padding;
      const [n, h, w, cIn] = inputShape;
      const paddedShape: Shape4D = [n, h + top + bottom, w + left + right, cIn];
      const whole = undilated(kernel, dilation);
      const dx = hasDepthwiseKernel(kernel.shape, groups)
        ? depthwiseConvInputGradient(dy, whole, paddedShape, stride)
        : groupedConvInputGradient(dy, whole, paddedShape, stride, groups);
      return Math.max(...padding) === 0 ? dx : tf.slice4d(dx, [0, top, left, 0], inputShape);
    }),
);

/** Gradient of {@link conv2d} with respect to the kernel, with shape `kernelShape`. */
export const conv2dKernelGradient = defineOp(
  "conv2dKernelGradient",
  (x: Tensor4D, dy: Tensor4D, kernelShape: Shape4D, geometry: ConvGeometry): Tensor4D =>
    tf.tidy(() => {
      const { stride, padding, dilation, groups } = geometry;
      const [kh, kw, cPerGroup, cOut] = kernelShape;
      const reach = [reachOf(kh, dilation[0]), reachOf(kw, dilation[1])] as const;
      const wholeShape: Shape4D = [...reach, cPerGroup, cOut];
      const source = padMaps(x, padding);
      const gradient = hasDepthwiseKernel(kernelShape, groups)
        ? depthwiseConvKernelGradient(source, dy, wholeShape, stride)
        : groupedConvKernelGradient(source, dy, wholeShape, stride, groups);
      return tapsOf(gradient, dilation, kernelShape);
    }),
);
