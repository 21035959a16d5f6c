/** Latent weights [out, in / groups, kh, kw], and the last codes of ternary weights with a hysteresis band, in the same order. */
export interface LatentKernel {
  readonly values: Float32Array;
  readonly shape: readonly [number, number, number, number];
  readonly lastCodes: Float32Array | undefined;
  /** The trained step of a DoReFa grid; absent if it is not trained. */
  readonly step?: number | undefined;
}

/** Rounds to float32, as the engine does after every operation. */
const { fround } = Math;

/** The sum of `of(weight)` over a filter, in the engine's order: in float64 over [kh, kw, in], rounded once. */
export const filterSum = (
  { values, shape }: LatentKernel,
  filter: number,
  of: (weight: number) => number,
): number => {
  const [, inputs, kh, kw] = shape;
  const area = kh * kw;
  let sum = 0;
  for (let position = 0; position < area; position++)
    for (let input = 0; input < inputs; input++)
      sum += of(values[(filter * inputs + input) * area + position] as number);
  return fround(sum);
};

/** The number of weights in one filter. */
export const filterSize = ({ shape: [, inputs, kh, kw] }: LatentKernel): number => inputs * kh * kw;

/** Computes the code of each weight. */
export const codesOf = (
  values: Float32Array,
  code: (weight: number, index: number) => number,
): Int16Array => {
  // Int16Array.from uses an iterator and takes ten times as long.
  const codes = new Int16Array(values.length);
  for (let index = 0; index < codes.length; index++) {
    codes[index] = code(values[index] as number, index);
  }
  return codes;
};

/** mean|w| of each filter. */
export const magnitudes = (kernel: LatentKernel): Float32Array => {
  const size = filterSize(kernel);
  return Float32Array.from({ length: kernel.shape[0] }, (_, filter) =>
    filterSum(kernel, filter, (weight) => fround(Math.abs(weight) / size)),
  );
};

/** mean|w| over the whole tensor, in the engine's order: over [kh, kw, in, out]. */
export const wholeMagnitude = ({ values, shape }: LatentKernel): number => {
  const [filters, inputs, kh, kw] = shape;
  const area = kh * kw;
  let sum = 0;
  for (let position = 0; position < area; position++)
    for (let input = 0; input < inputs; input++)
      for (let filter = 0; filter < filters; filter++) {
        const weight = values[(filter * inputs + input) * area + position] as number;
        sum += fround(Math.abs(weight) / values.length);
      }
  return fround(sum);
};
