/** Shape of a kernel in memory: [kh, kw, cIn / groups, cOut]. */
export type KernelShape = readonly [number, number, number, number];

/** Calls visit(index in [kh, kw, in, out], index in [out, in, kh, kw]) for every weight of a kernel. */
const forEachWeight = (
  [kh, kw, inputs, outputs]: KernelShape,
  visit: (hwio: number, oihw: number) => void,
): void => {
  let hwio = 0;
  for (let tap = 0; tap < kh * kw; tap++)
    for (let input = 0; input < inputs; input++)
      for (let output = 0; output < outputs; output++)
        visit(hwio++, (output * inputs + input) * kh * kw + tap);
};

/**
 * Reorders a kernel of this shape to PyTorch's order [out, in, kh, kw].
 * Example: [1, 1, 2, 3] with values a0 a1 a2 b0 b1 b2 becomes a0 b0 a1 b1 a2 b2.
 */
export const toOihw = (values: ArrayLike<number>, shape: KernelShape): Float32Array => {
  const result = new Float32Array(values.length);
  forEachWeight(shape, (hwio, oihw) => {
    result[oihw] = values[hwio] as number;
  });
  return result;
};

/** The inverse of {@link toOihw}: values in PyTorch's order as a kernel of this shape. */
export const fromOihw = (values: ArrayLike<number>, shape: KernelShape): Float32Array => {
  const result = new Float32Array(values.length);
  forEachWeight(shape, (hwio, oihw) => {
    result[hwio] = values[oihw] as number;
  });
  return result;
};
