import type { ConvGeometry } from "../../tensor/ops/conv2d.js";
import type { Shape4D } from "../../tensor/ops/grouped-conv.js";
import type { Tensor4D } from "../../tensor/tf.js";
import type { NativeBackend, OpAttribute } from "../native-backend.js";
import { attributeMaker } from "./activation-attributes.js";
import { windowAttributes } from "./window-attributes.js";

const SIDE = 3;
/** The filters of the widest vectors. */
const LANES = 16;
/** With more channels TensorFlow's convolutions are as fast. */
const MOST_CHANNELS = 64;

/** Whether the kernels may compute a convolution, and fast; they check the rest themselves. */
const mayFit = (
  [kh, kw, cIn, cOut]: Shape4D,
  { stride, padding, dilation, groups }: ConvGeometry,
): boolean =>
  kh === SIDE &&
  kw === SIDE &&
  groups === 1 &&
  Math.max(...dilation) === 1 &&
  Math.max(...stride) <= 2 &&
  padding[0] === 1 &&
  cIn % LANES === 0 &&
  cOut % LANES === 0 &&
  Math.max(cIn, cOut) <= MOST_CHANNELS;

/**
 * The package's own 3x3 convolution in floats, and its gradients. Each result is null where a shape or the processor does
 * not suit it.
 */
export const directConv = (backend: NativeBackend) => {
  const { ints } = attributeMaker(backend);
  const run = (op: string, attributes: OpAttribute[], inputs: Tensor4D[]): Tensor4D | null => {
    const result = backend.executeSingleOutput(op, attributes, inputs) as Tensor4D;
    if (result.size > 0) return result;
    result.dispose();
    return null;
  };
  return {
    forward: (x: Tensor4D, kernel: Tensor4D, geometry: ConvGeometry): Tensor4D | null =>
      mayFit(kernel.shape, geometry)
        ? run("Qprune3x3Conv", windowAttributes(backend, geometry), [x, kernel])
        : null,
    inputGradient: (
      dy: Tensor4D,
      kernel: Tensor4D,
      [, h, w]: Shape4D,
      geometry: ConvGeometry,
    ): Tensor4D | null => {
      if (!mayFit(kernel.shape, geometry) || Math.max(...geometry.stride) > 1) return null;
      const attributes = [...windowAttributes(backend, geometry), ints("sides", [h, w])];
      return run("Qprune3x3ConvInputGrad", attributes, [dy, kernel]);
    },
    kernelGradient: (
      x: Tensor4D,
      dy: Tensor4D,
      kernelShape: Shape4D,
      geometry: ConvGeometry,
    ): Tensor4D | null =>
      mayFit(kernelShape, geometry)
        ? run("Qprune3x3ConvKernelGrad", windowAttributes(backend, geometry), [x, dy])
        : null,
  };
};
