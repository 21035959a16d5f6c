/**
 * The weights of a kernel [filters, …] rounded to `bits` bits: each filter to whole multiples of its largest magnitude
 * divided by 2^(bits - 1) - 1, symmetrically around 0; with 1 bit, to plus and minus its mean magnitude (XNOR-Net,
 * Rastegari et al. 2016, eq. 6). Nothing is trained, unlike with the quantizers of training.
 * Example: a filter [0.5, -1, 0.2] with 2 bits has steps of 1: [1, -1, 0], since half-way rounds up.
 */
export const roundFilters = (values: Float32Array, filters: number, bits: number): Float32Array => {
  const size = values.length / filters;
  const rounded = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += size) {
    const own = values.subarray(start, start + size);
    rounded.set(bits === 1 ? signs(own) : steps(own, 2 ** (bits - 1) - 1), start);
  }
  return rounded;
};

const signs = (weights: Float32Array): Float32Array => {
  const mean = weights.reduce((sum, weight) => sum + Math.abs(weight), 0) / weights.length;
  return weights.map((weight) => (weight < 0 ? -mean : mean));
};

const steps = (weights: Float32Array, levels: number): Float32Array => {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const step = largest / levels;
  return step === 0 ? weights : weights.map((weight) => Math.round(weight / step) * step);
};
