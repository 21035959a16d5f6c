import type { WeightQuantization } from "../../graph/quantizers.js";
import { type AffineGrid, affineValue } from "../../quant/numbers/affine-grid.js";
import { kernelOnGrids, weightGrids } from "../../quant/numbers/affine-kernel.js";
import { type GridKernel, kernelValues } from "../../quant/numbers/grid-kernel.js";
import type { LayerWindows } from "./layer-samples.js";
import { roundAdaptively } from "./round-adaptively.js";
import { leastErrorWeightRange } from "./weight-range.js";

export type AffineWeights = Extract<WeightQuantization, { kind: "affine" }>;

/** How the weights of a layer are chosen. */
export interface LayerOptions {
  /** Whether the range of the weights is that of the least error, rather than all of them. */
  readonly clipsWeights: boolean;
  /** Steps of AdaRound; 0 for nearest rounding. */
  readonly roundingSteps: number;
  /** Whether the scales of filters are corrected so that outputs keep their variance. */
  readonly matchesVariance: boolean;
}

/** What a layer reads at the same positions in both nets. */
export interface LayerInputs {
  readonly float: LayerWindows;
  readonly quantized: LayerWindows;
}

/** The outputs of a filter, without bias, at all sampled positions. */
const outputsOf = (
  weights: Float32Array,
  filter: number,
  filters: number,
  { groups, count, size, values }: LayerWindows,
): Float64Array => {
  const group = Math.floor((filter * groups) / filters);
  const outputs = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    const from = (group * count + index) * size;
    let sum = 0;
    for (let at = 0; at < size; at++)
      sum += (weights[filter * size + at] as number) * (values[from + at] as number);
    outputs[index] = sum;
  }
  return outputs;
};

const variance = (values: Float64Array): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
};

/** Factors beyond these belong to filters that hardly vary. */
const [LEAST_FACTOR, MOST_FACTOR] = [0.8, 1.25];

/** A kernel whose filters are scaled so that the variances of their outputs are those of the float net. */
const withVariances = (
  kernel: GridKernel,
  weights: Float32Array,
  { float, quantized }: LayerInputs,
): GridKernel => {
  const filters = kernel.scale.length;
  const values = kernelValues(kernel);
  const scale = kernel.scale.map((own, filter) => {
    const [wanted, actual] = [
      variance(outputsOf(weights, filter, filters, float)),
      variance(outputsOf(values, filter, filters, quantized)),
    ];
    const factor = actual > 0 ? Math.sqrt(wanted / actual) : 1;
    return own * Math.min(Math.max(factor, LEAST_FACTOR), MOST_FACTOR);
  });
  return { ...kernel, scale };
};

/**
 * The grids of filters with scales that are not too small for their biases: an int32 has to hold a bias divided by the scale
 * of the sums. A filter of zeros has the largest scale of the others.
 */
const forBiases = (
  grids: readonly AffineGrid[],
  isZero: (filter: number) => boolean,
  leastScales: ArrayLike<number>,
): AffineGrid[] => {
  const largest = grids.reduce(
    (most, { scale }, filter) => (isZero(filter) ? most : Math.max(most, scale)),
    0,
  );
  return grids.map((grid, filter) => {
    const own = isZero(filter) && largest > 0 ? largest : grid.scale;
    return { ...grid, scale: Math.fround(Math.max(own, leastScales[filter] as number)) };
  });
};

const boundsOf = ({ zero }: AffineGrid, { bits, isSymmetric }: AffineWeights) =>
  [(isSymmetric ? 1 : 0) - zero, 2 ** bits - 1 - zero] as const;

/**
 * The quantized kernel of a layer.
 * @param weights in PyTorch's order, filters first
 * @param leastScales of the filters, so that their biases fit
 * @param inputs needed for AdaRound and for matching variances
 */
export const quantizeLayer = (
  weights: Float32Array,
  filters: number,
  quantizer: AffineWeights,
  { leastScales, ...options }: LayerOptions & { readonly leastScales: ArrayLike<number> },
  inputs: LayerInputs | null,
): GridKernel => {
  const choose = options.clipsWeights ? leastErrorWeightRange : undefined;
  const size = weights.length / filters;
  const isZero = (filter: number): boolean =>
    weights.subarray(filter * size, (filter + 1) * size).every((weight) => weight === 0);
  const found = weightGrids(weights, filters, quantizer, choose);
  const grids = quantizer.isPerChannel ? forBiases(found, isZero, leastScales) : found;
  const nearest = kernelOnGrids(weights, grids, quantizer);
  const rounded =
    inputs && options.roundingSteps > 0
      ? {
          ...nearest,
          codes: roundAdaptively(
            { weights, grids, bounds: grids.map((grid) => boundsOf(grid, quantizer)), ...inputs },
            options.roundingSteps,
          ),
        }
      : nearest;
  return inputs && options.matchesVariance && quantizer.isPerChannel
    ? withVariances(rounded, weights, inputs)
    : rounded;
};

/** Signal and noise of a layer's outputs, as sums of squares. */
export interface SignalAndNoise {
  readonly signal: number;
  readonly noise: number;
}

/** Filters and positions that a ratio is computed from, at most. */
const MOST_OUTPUTS = 1 << 14;

/** The windows that suffice for the noise of a layer, by the inputs of one filter. */
export const noiseWindows = (size: number): number =>
  Math.max(1, Math.min(Math.floor(MOST_OUTPUTS / size), 256));

/** Whether the weights of a layer depend on what it reads. */
export const needsInputs = ({
  roundingSteps,
  matchesVariance,
}: Pick<LayerOptions, "roundingSteps" | "matchesVariance">): boolean =>
  roundingSteps > 0 || matchesVariance;

/**
 * The signal of a layer in the float net, and the noise that its own quantization adds: with its weights and its input rounded,
 * but what comes before in floats. A constant error of a filter, which a corrected bias removes, does not count.
 */
export const ownNoise = (
  weights: Float32Array,
  kernel: GridKernel,
  windows: LayerWindows,
  input: { readonly grid: AffineGrid; readonly bits: number } | null,
): SignalAndNoise => {
  const filters = kernel.scale.length;
  const count = Math.min(windows.count, noiseWindows(windows.size));
  const { groups, size } = windows;
  const few = { groups, size, count, values: new Float32Array(groups * count * size) };
  for (let group = 0; group < groups; group++)
    for (let index = 0; index < count; index++) {
      const from = (group * windows.count + Math.floor((index * windows.count) / count)) * size;
      few.values.set(windows.values.subarray(from, from + size), (group * count + index) * size);
    }
  const rounded = {
    ...few,
    values: input ? few.values.map((x) => affineValue(x, input.grid, input.bits)) : few.values,
  };
  const values = kernelValues(kernel);
  const stride = Math.max(1, Math.floor(filters / 64));
  let [signal, noise] = [0, 0];
  for (let filter = 0; filter < filters; filter += stride) {
    const wanted = outputsOf(weights, filter, filters, few);
    const actual = outputsOf(values, filter, filters, rounded);
    signal += variance(wanted);
    noise += variance(wanted.map((value, index) => value - (actual[index] as number)));
  }
  return { signal, noise };
};
