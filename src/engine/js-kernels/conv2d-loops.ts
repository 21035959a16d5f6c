import { slide } from "../../base/sliding-window.js";
import type { ConvGeometry } from "../../tensor/ops/conv2d.js";

/** Shapes of a convolution: x [n, h, w, cIn], kernel [kh, kw, cIn / groups, cOut], y [n, oh, ow, cOut]. */
export interface ConvSides {
  readonly x: readonly [n: number, h: number, w: number, cIn: number];
  readonly kernel: readonly [kh: number, kw: number, cPerGroup: number, cOut: number];
  readonly geometry: ConvGeometry;
}

/** Height and width of the output. */
export const outputSides = ({ x, kernel, geometry }: ConvSides): [oh: number, ow: number] =>
  slide(x[1], x[2], { ...geometry, kernel: [kernel[0], kernel[1]] });

/** Receives the offsets of x, of the kernel and of y where a tap of one group begins. */
type Visit = (xStart: number, kernelStart: number, yStart: number) => void;

/**
 * Calls `visit` for every output position, kernel tap and group whose input lies inside the image. There, input channel i
 * contributes to output channel j with the kernel's element kernelStart + i * cOut + j.
 */
export const forEachTap = (sides: ConvSides, visit: Visit): void => {
  const [n, h, w, cIn] = sides.x;
  const [kh, kw, cPerGroup, cOut] = sides.kernel;
  const { stride, padding, dilation, groups } = sides.geometry;
  const outPerGroup = cOut / groups;
  const [oh, ow] = outputSides(sides);
  for (let row = 0; row < n * oh; row++) {
    const image = Math.floor(row / oh);
    for (let ky = 0; ky < kh; ky++) {
      const y = (row % oh) * stride[0] - padding[0] + ky * dilation[0];
      if (y < 0 || y >= h) continue;
      const xRow = (image * h + y) * w;
      for (let ox = 0; ox < ow; ox++) {
        const yStart = (row * ow + ox) * cOut;
        for (let kx = 0; kx < kw; kx++) {
          const column = ox * stride[1] - padding[1] + kx * dilation[1];
          if (column < 0 || column >= w) continue;
          const xStart = (xRow + column) * cIn;
          const kernelStart = (ky * kw + kx) * cPerGroup * cOut;
          for (let g = 0; g < groups; g++) {
            visit(xStart + g * cPerGroup, kernelStart + g * outPerGroup, yStart + g * outPerGroup);
          }
        }
      }
    }
  }
};
