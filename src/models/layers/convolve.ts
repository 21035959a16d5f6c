import { type ConvGeometry, codedConv2d, conv2d } from "../../tensor/ops/conv2d.js";
import type { Tensor4D } from "../../tensor/tf.js";

/** Convolves in codes where `levels` tells those of the input (see {@link codedConv2d}), in floats where it is null. */
export const convolve = (
  x: Tensor4D,
  kernel: Tensor4D,
  levels: number | null,
  geometry: ConvGeometry,
): Tensor4D =>
  levels === null ? conv2d(x, kernel, geometry) : codedConv2d(x, kernel, levels, geometry);
