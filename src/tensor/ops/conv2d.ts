import { defineOp } from "../op.js";
import { type Tensor4D, tf } from "../tf.js";

/** Geometry of a convolution: symmetric padding as in PyTorch, and the number of channel groups. */
export interface ConvGeometry {
  readonly stride: number;
  readonly pad: number;
  readonly groups: number;
}

type Shape4D = [number, number, number, number];

const padded = (x: Tensor4D, pad: number): Tensor4D =>
  pad === 0
    ? x
    : tf.pad4d(x, [
        [0, 0],
        [pad, pad],
        [pad, pad],
        [0, 0],
      ]);

const groupSlices = <T extends Tensor4D>(x: T, groups: number, axis: number): T[] =>
  groups === 1 ? [x] : (tf.split(x, groups, axis) as T[]);

const VALID = { pad: "valid", dataFormat: "NHWC" } as const;

/**
 * Grouped 2-D convolution. x: [n, h, w, cIn], kernel: [kh, kw, cIn / groups, cOut] -> [n, h', w', cOut] with
 * h' = floor((h + 2 pad - kh) / stride) + 1. Group g maps the g-th run of cIn / groups input channels to the g-th run of
 * cOut / groups output channels, as `groups` in PyTorch.
 */
export const conv2d = defineOp(
  "conv2d",
  (x: Tensor4D, kernel: Tensor4D, { stride, pad, groups }: ConvGeometry): Tensor4D =>
    tf.tidy(() => {
      const inputs = groupSlices(padded(x, pad), groups, 3);
      const kernels = groupSlices(kernel, groups, 3);
      const outputs = inputs.map((input, g) =>
        tf.conv2d(input, kernels[g] as Tensor4D, stride, "valid"),
      );
      return groups === 1 ? (outputs[0] as Tensor4D) : (tf.concat(outputs, 3) as Tensor4D);
    }),
);

/**
 * {@link conv2d} of quantized operands. The values of x are multiples of 1 / inputLevels from -1 to 1; the weights of each
 * filter are multiples of one factor per filter. An engine may convolve the integer codes instead, whose sums are exact.
 * Operands with other values are slower, not wrong.
 */
export const codedConv2d = defineOp(
  "codedConv2d",
  (x: Tensor4D, kernel: Tensor4D, _inputLevels: number, geometry: ConvGeometry): Tensor4D =>
    conv2d(x, kernel, geometry),
);

/** Gradient of {@link conv2d} with respect to x, with shape `inputShape`; dy has the output's shape. */
export const conv2dInputGradient = defineOp(
  "conv2dInputGradient",
  (dy: Tensor4D, kernel: Tensor4D, inputShape: Shape4D, geometry: ConvGeometry): Tensor4D =>
    tf.tidy(() => {
      const { stride, pad, groups } = geometry;
      const [n, h, w, cIn] = inputShape;
      const paddedShape: Shape4D = [n, h + 2 * pad, w + 2 * pad, cIn / groups];
      const kernels = groupSlices(kernel, groups, 3);
      const gradients = groupSlices(dy, groups, 3).map(
        (slice, g) =>
          tf
            .engine()
            .runKernel(
              tf.Conv2DBackpropInput,
              { dy: slice, filter: kernels[g] as Tensor4D },
              { ...VALID, strides: [stride, stride], inputShape: paddedShape },
            ) as Tensor4D,
      );
      const whole =
        groups === 1 ? (gradients[0] as Tensor4D) : (tf.concat(gradients, 3) as Tensor4D);
      return pad === 0 ? whole : tf.slice4d(whole, [0, pad, pad, 0], inputShape);
    }),
);

/** Gradient of {@link conv2d} with respect to the kernel, with shape `kernelShape`. */
export const conv2dKernelGradient = defineOp(
  "conv2dKernelGradient",
  (x: Tensor4D, dy: Tensor4D, kernelShape: Shape4D, geometry: ConvGeometry): Tensor4D =>
    tf.tidy(() => {
      const { stride, pad, groups } = geometry;
      const [kh, kw, cPerGroup, cOut] = kernelShape;
      const slices = groupSlices(dy, groups, 3);
      const gradients = groupSlices(padded(x, pad), groups, 3).map(
        (input, g) =>
          tf.engine().runKernel(
            tf.Conv2DBackpropFilter,
            { x: input, dy: slices[g] as Tensor4D },
            {
              ...VALID,
              strides: [stride, stride],
              filterShape: [kh, kw, cPerGroup, cOut / groups],
            },
          ) as Tensor4D,
      );
      return groups === 1 ? (gradients[0] as Tensor4D) : (tf.concat(gradients, 3) as Tensor4D);
    }),
);
