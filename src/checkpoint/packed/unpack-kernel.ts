import { fieldAt } from "./bit-fields.js";
import { gridNumbers } from "./packed-grid.js";
import type { PackedKernel } from "./packed-kernel.js";

/** The `count` weights of a packed kernel: each is its grid's number times its filter's scale, in float32. */
export const unpackKernel = (
  { grid, bits, codes, scale }: PackedKernel,
  count: number,
  filters: number,
): Float32Array => {
  const numbers = gridNumbers(grid, bits);
  const size = count / filters;
  const weights = new Float32Array(count);
  for (let filter = 0; filter < filters; filter++) {
    const factor = scale ? (scale[filter] as number) : 1;
    for (let at = filter * size; at < (filter + 1) * size; at++) {
      // The product in float64 is exact, so that storing it rounds once.
      weights[at] = (numbers[fieldAt(codes, bits, at)] as number) * factor;
    }
  }
  return weights;
};
