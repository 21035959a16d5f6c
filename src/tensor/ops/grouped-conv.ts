import type { Pair } from "../../base/sliding-window.js";
import { type Tensor4D, tf } from "../tf.js";

export type Shape4D = [number, number, number, number];

const VALID = { pad: "valid", dataFormat: "NHWC" } as const;

const groupSlices = (x: Tensor4D, groups: number): Tensor4D[] =>
  groups === 1 ? [x] : tf.split(x, groups, 3);

const joined = (parts: Tensor4D[]): Tensor4D =>
  parts.length === 1 ? (parts[0] as Tensor4D) : (tf.concat(parts, 3) as Tensor4D);

/** Grouped convolution without padding and dilation, one convolution per group. */
export const groupedConv = (
  x: Tensor4D,
  kernel: Tensor4D,
  strides: Pair,
  groups: number,
): Tensor4D => {
  const kernels = groupSlices(kernel, groups);
  return joined(
    groupSlices(x, groups).map((input, g) =>
      tf.conv2d(input, kernels[g] as Tensor4D, [...strides], "valid"),
    ),
  );
};

/** Gradient of {@link groupedConv} with respect to x. */
export const groupedConvInputGradient = (
  dy: Tensor4D,
  kernel: Tensor4D,
  [n, h, w, cIn]: Shape4D,
  strides: Pair,
  groups: number,
): Tensor4D => {
  const kernels = groupSlices(kernel, groups);
  const attributes = { ...VALID, strides: [...strides], inputShape: [n, h, w, cIn / groups] };
  return joined(
    groupSlices(dy, groups).map(
      (slice, g) =>
        tf
          .engine()
          .runKernel(
            tf.Conv2DBackpropInput,
            { dy: slice, filter: kernels[g] as Tensor4D },
            attributes,
          ) as Tensor4D,
    ),
  );
};

/** Gradient of {@link groupedConv} with respect to the kernel. */
export const groupedConvKernelGradient = (
  x: Tensor4D,
  dy: Tensor4D,
  [kh, kw, cPerGroup, cOut]: Shape4D,
  strides: Pair,
  groups: number,
): Tensor4D => {
  const slices = groupSlices(dy, groups);
  const filterShape = [kh, kw, cPerGroup, cOut / groups];
  const attributes = { ...VALID, strides: [...strides], filterShape };
  return joined(
    groupSlices(x, groups).map(
      (input, g) =>
        tf
          .engine()
          .runKernel(
            tf.Conv2DBackpropFilter,
            { x: input, dy: slices[g] as Tensor4D },
            attributes,
          ) as Tensor4D,
    ),
  );
};
