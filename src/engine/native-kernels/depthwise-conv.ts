import type { ConvGeometry } from "../../tensor/ops/conv2d.js";
import { hasDepthwiseKernel } from "../../tensor/ops/depthwise-conv.js";
import type { Shape4D } from "../../tensor/ops/grouped-conv.js";
import type { Tensor4D } from "../../tensor/tf.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";
import { attributeMaker } from "./activation-attributes.js";
import { windowAttributes } from "./window-attributes.js";

/** Whether each channel has one filter of its own. */
export const hasFilterPerChannel = (kernelShape: Shape4D, { groups }: ConvGeometry): boolean =>
  hasDepthwiseKernel(kernelShape, groups) && kernelShape[3] === groups;

/** The package's own convolution with one filter per channel, and its gradients. */
export const depthwiseConv = (backend: NativeBackend) => {
  const { ints } = attributeMaker(backend);
  const attributes = (geometry: ConvGeometry): OpAttribute[] => [
    ints("dilation", geometry.dilation),
    ...windowAttributes(backend, geometry),
  ];
  const run = (op: string, opAttributes: OpAttribute[], inputs: Tensor4D[]): Tensor4D =>
    backend.executeSingleOutput(op, opAttributes, inputs) as Tensor4D;
  return {
    forward: (x: Tensor4D, kernel: Tensor4D, geometry: ConvGeometry): Tensor4D =>
      run("QpruneDepthwiseConv", attributes(geometry), [x, kernel]),
    inputGradient: (
      dy: Tensor4D,
      kernel: Tensor4D,
      [, h, w]: Shape4D,
      geometry: ConvGeometry,
    ): Tensor4D => {
      const all = [...attributes(geometry), ints("sides", [h, w])];
      return run("QpruneDepthwiseConvInputGrad", all, [dy, kernel]);
    },
    kernelGradient: (
      x: Tensor4D,
      dy: Tensor4D,
      [kh, kw]: Shape4D,
      geometry: ConvGeometry,
    ): Tensor4D => {
      const all = [...attributes(geometry), ints("kernel", [kh, kw])];
      return run("QpruneDepthwiseConvKernelGrad", all, [x, dy]);
    },
  };
};
