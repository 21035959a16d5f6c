import { type ConvGeometry, codedConv2d, conv2d } from "../../tensor/ops/conv2d.js";
import type { Tensor4D } from "../../tensor/tf.js";

/** Convolves with integer codes if `levels` is the number of input levels (see {@link codedConv2d}), in floats if null. */
export const convolve = (
  x: Tensor4D,
  kernel: Tensor4D,
  levels: number | null,
  geometry: ConvGeometry,
): Tensor4D =>
  levels === null ? conv2d(x, kernel, geometry) : codedConv2d(x, kernel, levels, geometry);
