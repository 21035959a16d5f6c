import {
  type ConvGeometry,
  conv2d,
  conv2dInputGradient,
  conv2dKernelGradient,
} from "../../src/tensor/ops/conv2d.js";
import type { Tensor4D } from "../../src/tensor/tf.js";
import { randomTensor } from "../random-tensor.js";
import { expectClose, SUM_TOLERANCE } from "./close-tensors.js";

/** Expects of a convolution and both its gradients that the engine computes what the reference implementation does. */
export const expectSameConvolution = (
  x: Tensor4D,
  kernel: Tensor4D,
  geometry: ConvGeometry,
): void => {
  const y = conv2d(x, kernel, geometry);
  expectClose(y, conv2d.plain(x, kernel, geometry), SUM_TOLERANCE);
  const dy = randomTensor(y.shape, 3) as Tensor4D;
  expectClose(
    conv2dInputGradient(dy, kernel, x.shape, geometry),
    conv2dInputGradient.plain(dy, kernel, x.shape, geometry),
    SUM_TOLERANCE,
  );
  expectClose(
    conv2dKernelGradient(x, dy, kernel.shape, geometry),
    conv2dKernelGradient.plain(x, dy, kernel.shape, geometry),
    SUM_TOLERANCE,
  );
};
