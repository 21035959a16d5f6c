import type { Pair } from "../../base/sliding-window.js";
import { spreadMaps, thinMaps } from "../spread-maps.js";
import { type Tensor4D, tf } from "../tf.js";
import type { Shape4D } from "./grouped-conv.js";

const VALID = { pad: "valid", dilations: [1, 1] } as const;

/**
 * Whether each group has one input channel. Such a kernel [kh, kw, 1, cOut] has the memory layout of TensorFlow's
 * depthwise kernels [kh, kw, cIn, cOut / cIn].
 */
export const hasDepthwiseKernel = (kernelShape: readonly number[], groups: number): boolean =>
  groups > 1 && kernelShape[2] === 1;

/** Whether each channel has one filter of its own. */
export const hasFilterPerChannel = (kernelShape: readonly number[], groups: number): boolean =>
  hasDepthwiseKernel(kernelShape, groups) && kernelShape[3] === groups;

const layout = ([kh, kw, , cOut]: Shape4D, cIn: number): Shape4D => [kh, kw, cIn, cOut / cIn];

/** TensorFlow's depthwise ops have one stride for both axes; with two, they compute every position. */
const sharedStride = ([rows, columns]: Pair): [number, number] =>
  rows === columns ? [rows, columns] : [1, 1];

const isShared = ([rows, columns]: Pair): boolean => rows === columns;

/** Depthwise convolution without padding and dilation. */
export const depthwiseConv = (x: Tensor4D, kernel: Tensor4D, stride: Pair): Tensor4D => {
  const [kh, kw] = kernel.shape;
  const [, h, w, cIn] = x.shape;
  const filter = tf.reshape(kernel, layout(kernel.shape, cIn)) as Tensor4D;
  const y = tf.depthwiseConv2d(x, filter, sharedStride(stride), "valid") as Tensor4D;
  if (isShared(stride)) return y;
  const sides = [
    Math.floor((h - kh) / stride[0]) + 1,
    Math.floor((w - kw) / stride[1]) + 1,
  ] as const;
  return thinMaps(y, stride, sides);
};

/** The gradient at every position, from that of the positions of a stride. */
const atEveryPosition = (dy: Tensor4D, stride: Pair, [height, width]: Pair): Tensor4D => {
  if (isShared(stride)) return dy;
  const spread = spreadMaps(dy, stride);
  const [, h, w] = spread.shape;
  return tf.pad4d(spread, [
    [0, 0],
    [0, height - h],
    [0, width - w],
    [0, 0],
  ]);
};

/** Gradient of {@link depthwiseConv} with respect to x. */
export const depthwiseConvInputGradient = (
  dy: Tensor4D,
  kernel: Tensor4D,
  inputShape: Shape4D,
  stride: Pair,
): Tensor4D => {
  const [kh, kw] = kernel.shape;
  const [, h, w, cIn] = inputShape;
  const inputs = {
    dy: atEveryPosition(dy, stride, [h - kh + 1, w - kw + 1]),
    filter: tf.reshape(kernel, layout(kernel.shape, cIn)),
  };
  const attributes = { ...VALID, strides: sharedStride(stride), inputShape };
  return tf
    .engine()
    .runKernel(tf.DepthwiseConv2dNativeBackpropInput, inputs, attributes) as Tensor4D;
};

/** Gradient of {@link depthwiseConv} with respect to the kernel. */
export const depthwiseConvKernelGradient = (
  x: Tensor4D,
  dy: Tensor4D,
  kernelShape: Shape4D,
  stride: Pair,
): Tensor4D => {
  const [kh, kw] = kernelShape;
  const [, h, w, cIn] = x.shape;
  const inputs = { x, dy: atEveryPosition(dy, stride, [h - kh + 1, w - kw + 1]) };
  const filterShape = layout(kernelShape, cIn);
  const attributes = { ...VALID, strides: sharedStride(stride), filterShape };
  const gradient = tf
    .engine()
    .runKernel(tf.DepthwiseConv2dNativeBackpropFilter, inputs, attributes) as Tensor4D;
  return tf.reshape(gradient, kernelShape);
};
