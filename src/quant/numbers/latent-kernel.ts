/** Latent weights [out, in / groups, kh, kw], and what ternary ones in a gap remember in the same order. */
export interface LatentKernel {
  readonly values: Float32Array;
  readonly shape: readonly [number, number, number, number];
  readonly memory?: Float32Array | undefined;
}

/** Rounds to float32, as the engine does behind every operation. */
const { fround } = Math;

/**
 * The sum of `of(weight)` over a filter, as the engine has it: in float64 over [kh, kw, in], rounded once.
 */
export const filterSum = (
  { values, shape }: LatentKernel,
  filter: number,
  of: (weight: number) => number,
): number => {
  const [, inputs, kh, kw] = shape;
  const area = kh * kw;
  let sum = 0;
  for (let at = 0; at < area; at++)
    for (let input = 0; input < inputs; input++)
      sum += of(values[(filter * inputs + input) * area + at] as number);
  return fround(sum);
};

/** Weights in one filter. */
export const filterSize = ({ shape: [, inputs, kh, kw] }: LatentKernel): number => inputs * kh * kw;

/** A code for each weight. */
export const codesOf = (
  values: Float32Array,
  code: (weight: number, at: number) => number,
): Int16Array => {
  // Int16Array.from walks an iterator, which takes ten times as long.
  const codes = new Int16Array(values.length);
  for (let at = 0; at < codes.length; at++) codes[at] = code(values[at] as number, at);
  return codes;
};

/** mean|w| of each filter. */
export const magnitudes = (kernel: LatentKernel): Float32Array => {
  const size = filterSize(kernel);
  return Float32Array.from({ length: kernel.shape[0] }, (_, filter) =>
    filterSum(kernel, filter, (weight) => fround(Math.abs(weight) / size)),
  );
};

/** mean|w| over the whole tensor as the engine has it: over [kh, kw, in, out]. */
export const wholeMagnitude = ({ values, shape }: LatentKernel): number => {
  const [filters, inputs, kh, kw] = shape;
  const area = kh * kw;
  let sum = 0;
  for (let at = 0; at < area; at++)
    for (let input = 0; input < inputs; input++)
      for (let filter = 0; filter < filters; filter++) {
        const weight = values[(filter * inputs + input) * area + at] as number;
        sum += fround(Math.abs(weight) / values.length);
      }
  return fround(sum);
};
