import type { ConvGeometry } from "../src/tensor/ops/conv2d.js";
import type { AveragePoolGeometry } from "../src/tensor/ops/pool.js";

/** A convolution with the same stride on both axes and the same padding on every side. */
export interface SquareConv {
  readonly stride: number;
  readonly pad: number;
  readonly groups: number;
}

export const squareConv = ({ stride, pad, groups }: SquareConv): ConvGeometry => ({
  stride: [stride, stride],
  padding: [pad, pad, pad, pad],
  dilation: [1, 1],
  groups,
});

/** A pool with a square window, the same stride on both axes and padding on every side that counts. */
export const squarePool = ({
  size,
  stride,
  pad,
}: {
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
}): AveragePoolGeometry => ({
  kernel: [size, size],
  stride: [stride, stride],
  padding: [pad, pad, pad, pad],
  roundsUp: false,
  countsPadding: true,
});
