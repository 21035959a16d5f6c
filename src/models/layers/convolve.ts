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
import { hasDepthwiseKernel, hasFilterPerChannel } from "../../tensor/ops/depthwise-conv.js";
import {
  storedDepthwiseConv2d,
  storedDepthwiseConv2dInputGradient,
  storedDepthwiseConv2dKernelGradient,
} from "../../tensor/ops/stored-depthwise-conv.js";
import { gradientStorage, type MapStorage, type Storage } from "../../tensor/storage.js";
import type { Tensor4D } from "../../tensor/tf.js";
import type { Precision } from "../precision.js";

type Shape4D = Tensor4D["shape"];

/** A convolution in floats and its gradients. Gradients of maps have the storage of gradientStorage. */
export interface Convolution {
  readonly forward: (x: Tensor4D, kernel: Tensor4D, geometry: ConvGeometry, y: Storage) => Tensor4D;
  readonly inputGradient: (
    dy: Tensor4D,
    kernel: Tensor4D,
    inputShape: Shape4D,
    geometry: ConvGeometry,
  ) => Tensor4D;
  readonly kernelGradient: (
    x: Tensor4D,
    dy: Tensor4D,
    kernelShape: Shape4D,
    geometry: ConvGeometry,
  ) => Tensor4D;
}

const FLOAT32_CONVOLUTION: Convolution = {
  forward: (x, kernel, geometry) => conv2d(x, kernel, geometry),
  inputGradient: conv2dInputGradient,
  kernelGradient: conv2dKernelGradient,
};

const bf16Convolution = (storage: MapStorage): Convolution => ({
  forward: bf16Conv2d,
  inputGradient: (dy, kernel, inputShape, geometry) =>
    bf16Conv2dInputGradient(dy, kernel, inputShape, geometry, gradientStorage(storage.x)),
  kernelGradient: (x, dy, kernelShape, geometry) =>
    bf16Conv2dKernelGradient(x, dy, kernelShape, geometry, storage.x),
});

const depthwiseConvolution = ({ x: stored, y: output }: MapStorage): Convolution => ({
  forward: storedDepthwiseConv2d,
  inputGradient: (dy, kernel, inputShape, geometry) =>
    storedDepthwiseConv2dInputGradient(dy, kernel, inputShape, geometry, gradientStorage(stored)),
  kernelGradient: (x, dy, kernelShape, geometry) =>
    storedDepthwiseConv2dKernelGradient(x, dy, kernelShape, geometry, {
      x: stored,
      dy: gradientStorage(output),
    }),
});

/**
 * The convolution with a kernel of a shape, in a precision. Depthwise ones always multiply floats: they spend their time on
 * memory, not on products.
 */
export const convolutionIn = (
  precision: Precision,
  kernelShape: readonly number[],
  { groups }: ConvGeometry,
  storage: MapStorage,
): Convolution => {
  if (precision === "float32") return FLOAT32_CONVOLUTION;
  if (!hasDepthwiseKernel(kernelShape, groups)) return bf16Convolution(storage);
  const isStored = storage.x.kind !== "float32" || storage.y.kind !== "float32";
  return isStored && hasFilterPerChannel(kernelShape, groups)
    ? depthwiseConvolution(storage)
    : FLOAT32_CONVOLUTION;
};

/** Convolves with integer codes if `levels` is the number of input levels (see {@link codedConv2d}), in floats if null. */
export const convolve = (
  x: Tensor4D,
  kernel: Tensor4D,
  levels: number | null,
  geometry: ConvGeometry,
  { forward }: Convolution,
  storage: MapStorage,
): Tensor4D =>
  levels === null
    ? forward(x, kernel, geometry, storage.y)
    : codedConv2d(x, kernel, levels, geometry, storage);
