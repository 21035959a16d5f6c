import { registerKernel } from "../../tensor/op.js";
import {
  type ConvGeometry,
  conv2d,
  conv2dInputGradient,
  conv2dKernelGradient,
} from "../../tensor/ops/conv2d.js";
import { hasFilterPerChannel } from "../../tensor/ops/depthwise-conv.js";
import type { Shape4D } from "../../tensor/ops/grouped-conv.js";
import { matrixProduct } from "../../tensor/ops/matrix-product.js";
import { type Tensor2D, type Tensor4D, tf } from "../../tensor/tf.js";
import type { NativeBackend } from "../native-backend.js";
import { registerCodedConvKernel } from "./coded-conv.js";
import { depthwiseConv } from "./depthwise-conv.js";
import { directConv } from "./direct-conv.js";
import { needsPaddedCopy, tensorFlowConv } from "./tensorflow-conv.js";

/** A 1x1 convolution without groups is a matrix product of positions by channels. */
const isMatrixProduct = (
  kernelShape: readonly number[],
  { stride, padding, groups }: ConvGeometry,
): boolean =>
  kernelShape[0] === 1 &&
  kernelShape[1] === 1 &&
  Math.max(...stride) === 1 &&
  Math.max(...padding) === 0 &&
  groups === 1;

const rows = (x: Tensor4D): Tensor2D => tf.reshape(x, [-1, x.shape[3]]);
const matrix = (kernel: Tensor4D): Tensor2D =>
  tf.reshape(kernel, [kernel.shape[2], kernel.shape[3]]);

/** Calls a function once and keeps its result. */
const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** A convolution and its gradients. */
type Convolution = Pick<
  ReturnType<typeof tensorFlowConv>,
  "forward" | "inputGradient" | "kernelGradient"
>;

/** Matrix products in place of a 1x1 convolution. */
const MATRICES: Convolution = {
  forward: (x, kernel) => {
    const [n, h, w] = x.shape;
    return tf.reshape(matrixProduct(rows(x), matrix(kernel), {}), [n, h, w, kernel.shape[3]]);
  },
  inputGradient: (dy, kernel, inputShape) =>
    tf.reshape(matrixProduct(rows(dy), matrix(kernel), { b: true }), inputShape),
  kernelGradient: (x, dy, kernelShape) =>
    tf.reshape(matrixProduct(rows(x), rows(dy), { a: true }), kernelShape),
};

const REFERENCE: Convolution = {
  forward: conv2d.plain,
  inputGradient: conv2dInputGradient.plain,
  kernelGradient: conv2dKernelGradient.plain,
};

/** Maps of this width and larger kernels than 3x3 have a faster gradient of depthwise kernels here than in oneDNN. */
const WIDE_MAP = 16;

/** Returns a function that chooses the fastest implementation for a geometry. */
const chooser = (backend: NativeBackend) => {
  const tensorFlow = tensorFlowConv(backend);
  const depthwise = depthwiseConv(backend);
  const hasOneDnn = once(tensorFlow.hasAllGradients);
  return (
    part: keyof Convolution,
    inputShape: Shape4D,
    kernelShape: Shape4D,
    geometry: ConvGeometry,
  ): Convolution => {
    if (isMatrixProduct(kernelShape, geometry)) return MATRICES;
    if (hasFilterPerChannel(kernelShape, geometry.groups)) {
      const isOwnFaster =
        (part !== "forward" && needsPaddedCopy(inputShape, kernelShape, geometry)) ||
        (part === "kernelGradient" &&
          (inputShape[2] >= WIDE_MAP || Math.max(kernelShape[0], kernelShape[1]) > 3));
      return isOwnFaster || !hasOneDnn() ? depthwise : tensorFlow;
    }
    // TensorFlow's gradients of Conv2D support groups and dilation only with oneDNN.
    const isPlain = geometry.groups === 1 && Math.max(...geometry.dilation) === 1;
    return part === "forward" || isPlain || hasOneDnn() ? tensorFlow : REFERENCE;
  };
};

/** Registers the native kernels of convolution. */
export const registerConvKernels = (backend: NativeBackend): void => {
  const choose = chooser(backend);
  const direct = directConv(backend);
  registerKernel(
    conv2d,
    (x, kernel, geometry) =>
      direct.forward(x, kernel, geometry) ??
      tf.tidy(() =>
        choose("forward", x.shape, kernel.shape, geometry).forward(x, kernel, geometry),
      ),
  );
  registerKernel(
    conv2dInputGradient,
    (dy, kernel, inputShape, geometry) =>
      direct.inputGradient(dy, kernel, inputShape, geometry) ??
      tf.tidy(() =>
        choose("inputGradient", inputShape, kernel.shape, geometry).inputGradient(
          dy,
          kernel,
          inputShape,
          geometry,
        ),
      ),
  );
  registerKernel(
    conv2dKernelGradient,
    (x, dy, kernelShape, geometry) =>
      direct.kernelGradient(x, dy, kernelShape, geometry) ??
      tf.tidy(() =>
        choose("kernelGradient", x.shape, kernelShape, geometry).kernelGradient(
          x,
          dy,
          kernelShape,
          geometry,
        ),
      ),
  );
  registerCodedConvKernel(backend);
};
