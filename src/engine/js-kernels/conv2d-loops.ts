import type { ConvGeometry } from "../../tensor/ops/conv2d.js";

/** Shapes of a convolution: x [n, h, w, cIn], kernel [kh, kw, cIn / groups, cOut], y [n, oh, ow, cOut]. */
export interface ConvSides {
  readonly x: readonly [n: number, h: number, w: number, cIn: number];
  readonly kernel: readonly [kh: number, kw: number, cPerGroup: number, cOut: number];
  readonly geometry: ConvGeometry;
}

/** Height and width of the output. */
export const outputSides = ({ x, kernel, geometry }: ConvSides): [oh: number, ow: number] => {
  const { stride, pad } = geometry;
  const side = (length: number, window: number): number =>
    Math.floor((length + 2 * pad - window) / stride) + 1;
  return [side(x[1], kernel[0]), side(x[2], kernel[1])];
};

/** Receives the offsets of x, of the kernel and of y where a tap of one group begins. */
type Visit = (xStart: number, kernelStart: number, yStart: number) => void;

/**
 * Calls `visit` for every output position, kernel tap and group whose input lies inside the image. There, input channel i
 * contributes to output channel j with the kernel's element kernelStart + i * cOut + j.
 */
export const forEachTap = (sides: ConvSides, visit: Visit): void => {
  const [n, h, w, cIn] = sides.x;
  const [kh, kw, cPerGroup, cOut] = sides.kernel;
  const { stride, pad, groups } = sides.geometry;
  const outPerGroup = cOut / groups;
  const [oh, ow] = outputSides(sides);
  for (let row = 0; row < n * oh; row++) {
    const image = Math.floor(row / oh);
    const top = (row % oh) * stride - pad;
    for (let ky = Math.max(0, -top); ky < kh && top + ky < h; ky++) {
      const xRow = (image * h + top + ky) * w;
      for (let ox = 0; ox < ow; ox++) {
        const left = ox * stride - pad;
        const yStart = (row * ow + ox) * cOut;
        for (let kx = Math.max(0, -left); kx < kw && left + kx < w; kx++) {
          const xStart = (xRow + left + kx) * cIn;
          const kernelStart = (ky * kw + kx) * cPerGroup * cOut;
          for (let g = 0; g < groups; g++) {
            visit(xStart + g * cPerGroup, kernelStart + g * outPerGroup, yStart + g * outPerGroup);
          }
        }
      }
    }
  }
};
