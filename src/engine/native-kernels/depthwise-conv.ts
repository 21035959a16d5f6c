import { registerKernel } from "../../tensor/op.js";
import type { ConvGeometry } from "../../tensor/ops/conv2d.js";
import type { Shape4D } from "../../tensor/ops/grouped-conv.js";
import {
  storedDepthwiseConv2d,
  storedDepthwiseConv2dInputGradient,
  storedDepthwiseConv2dKernelGradient,
} from "../../tensor/ops/stored-depthwise-conv.js";
import { storeAs } from "../../tensor/ops/stored-maps.js";
import { FLOAT32, type Storage } from "../../tensor/storage.js";
import { type Tensor4D, tf } from "../../tensor/tf.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";
import { attributeMaker } from "./activation-attributes.js";
import { storageAttribute } from "./storage-attributes.js";
import { windowAttributes } from "./window-attributes.js";

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
    forward: (
      x: Tensor4D,
      kernel: Tensor4D,
      geometry: ConvGeometry,
      y: Storage = FLOAT32,
    ): Tensor4D => {
      const all = [...attributes(geometry), storageAttribute(backend, "Ty", y)];
      return run("QpruneDepthwiseConv", all, [x, kernel]);
    },
    inputGradient: (
      dy: Tensor4D,
      kernel: Tensor4D,
      [, h, w]: Shape4D,
      geometry: ConvGeometry,
      dx: Storage = FLOAT32,
    ): Tensor4D => {
      const all = [
        ...attributes(geometry),
        ints("sides", [h, w]),
        storageAttribute(backend, "Tdx", dx),
      ];
      return run("QpruneDepthwiseConvInputGrad", all, [dy, kernel]);
    },
    /** x and dy are stored alike. */
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

/** Registers the native kernels of depthwise convolutions of maps in bfloat16. */
export const registerStoredDepthwiseKernels = (backend: NativeBackend): void => {
  const depthwise = depthwiseConv(backend);
  registerKernel(storedDepthwiseConv2d, depthwise.forward);
  registerKernel(storedDepthwiseConv2dInputGradient, depthwise.inputGradient);
  registerKernel(storedDepthwiseConv2dKernelGradient, (x, dy, kernelShape, geometry, storage) =>
    tf.tidy(() => {
      const like = storage.x.kind === storage.dy.kind ? dy : storeAs(dy, storage.dy, storage.x);
      return depthwise.kernelGradient(x, like as Tensor4D, kernelShape, geometry);
    }),
  );
};
