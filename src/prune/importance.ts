import type { ConvWeights, NetWeights } from "../models/chains/conv-weights.js";

/**
 * The importance of a channel:
 * - `gamma`: |gamma| of its norm (Network Slimming, Liu et al. 2017, section 3)
 * - `l1`, `l2`: the norm of its filter (Pruning Filters, Li et al. 2017, section 3.1), divided by the layer's mean, so that
 *   layers of different scale can be ranked together
 */
export const importanceKinds = ["gamma", "l1", "l2"] as const;
export type ImportanceKind = (typeof importanceKinds)[number];

/** The norm of each filter of a kernel [out, …]. Example: filters [3, -4] and [0, 2] have l2 norms 5 and 2. */
export const filterNorms = (
  kernel: Float32Array,
  filters: number,
  kind: "l1" | "l2",
): Float64Array => {
  const size = kernel.length / filters;
  return Float64Array.from({ length: filters }, (_, filter) => {
    let sum = 0;
    for (let index = filter * size; index < (filter + 1) * size; index++) {
      const weight = kernel[index] as number;
      sum += kind === "l1" ? Math.abs(weight) : weight * weight;
    }
    return kind === "l1" ? sum : Math.sqrt(sum);
  });
};

const byItsMean = (values: Float64Array): Float64Array => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return mean === 0 ? values : values.map((value) => value / mean);
};

const ofConv = (
  { kernel, bias, affine }: ConvWeights,
  kind: ImportanceKind,
): Float64Array | undefined => {
  if (kind !== "gamma") return byItsMean(filterNorms(kernel, bias.length, kind));
  return affine ? Float64Array.from(affine.gamma, Math.abs) : undefined;
};

/**
 * The importance of every output channel of every convolution except the last, whose outputs are the classes. Undefined if
 * `kind` is gamma and a norm has no gammas.
 * Example: a first norm with gammas [0.5, -2] yields [0.5, 2] as the first entry.
 */
export const channelImportance = (
  weights: NetWeights,
  kind: ImportanceKind,
): Float64Array[] | undefined => {
  const layers = weights.slice(0, -1).map((conv) => ofConv(conv, kind));
  return layers.every((layer) => layer !== undefined) ? layers : undefined;
};
