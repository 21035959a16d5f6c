import type { PlanWindow } from "../plan/plan.js";

/** Calls `visit(input position, tap)` for the taps of a window that are inside the maps. */
export const visitWindow = (
  { height, width, kernel, stride, padding, dilation }: PlanWindow,
  outRow: number,
  outColumn: number,
  visit: (position: number, tap: number) => void,
): void => {
  for (let ky = 0; ky < kernel[0]; ky++) {
    const row = outRow * stride[0] - padding[0] + ky * dilation[0];
    if (row < 0 || row >= height) continue;
    for (let kx = 0; kx < kernel[1]; kx++) {
      const column = outColumn * stride[1] - padding[1] + kx * dilation[1];
      if (column >= 0 && column < width) visit(row * width + column, ky * kernel[1] + kx);
    }
  }
};
