import { randomUnit } from "../../base/random.js";
import type { NodeOf } from "../../graph/graph.js";
import type { Model } from "../../graph/model.js";
import type { WeightedNode } from "../../graph/stored-form.js";
import { weightNumbers } from "../../quant/numbers/quantized-tensor.js";
import { maskedNodes } from "../apply/mask-model.js";
import type { ChannelAxis } from "../channels/channel-axes.js";
import type { ChannelGroup } from "../channels/channel-groups.js";
import type { ChannelMap, CoupledLayers } from "../channels/coupled-layers.js";
import { byTheirMean, filterNorms, medianDistances } from "./filter-scores.js";

/**
 * The importance of a channel:
 * - `gamma`: |gamma| of its norm (Network Slimming, Liu et al. 2017, section 3)
 * - `l1`, `l2`: the norm of its filter (Pruning Filters, Li et al. 2017, section 3.1)
 * - `fpgm`: its filter's distance from the others of its layer (FPGM, He et al. 2019)
 * - `taylor`: the change of the loss, to first order, if it is masked (Molchanov et al. 2019)
 * - `random`: a hash of the seed and its place, for comparison
 */
export const importanceKinds = ["gamma", "l1", "l2", "fpgm", "taylor", "random"] as const;
export type ImportanceKind = (typeof importanceKinds)[number];

/** How the importances of the channels of a group become one. */
export const combinations = ["mean", "max", "sum"] as const;
export type Combination = (typeof combinations)[number];

/**
 * A criterion with what it needs. `taylor` takes the changes of the loss if the channels of a node become 0, by the names
 * of nodes (see lossChanges).
 */
export type Criterion =
  | { readonly kind: "gamma" }
  | { readonly kind: "l1" | "l2" | "fpgm" }
  | { readonly kind: "random"; readonly seed: number }
  | { readonly kind: "taylor"; readonly changes: ReadonlyMap<string, Float64Array> };

export interface ImportanceOptions {
  readonly criterion: Criterion;
  readonly combine: Combination;
  /** Whether the scores of each layer are divided by their mean, so that its scale does not count. */
  readonly isRelative: boolean;
}

const STREAM = 0x9e05;

const numbersOf = ({ weights }: Model, name: string): Float32Array => {
  const weight = weights.get(name);
  if (!weight) throw new Error(`The model lacks ${name}.`);
  return weightNumbers(weight);
};

const gammaScores = (model: Model, norm: NodeOf<"batchNorm">): Float64Array | undefined =>
  norm.hasAffine ? Float64Array.from(numbersOf(model, `${norm.name}.weight`), Math.abs) : undefined;

type FilterCriterion = Exclude<Criterion, { readonly kind: "gamma" | "taylor" | "random" }>;

/** The score of each filter of a layer. */
const filterScores = (
  model: Model,
  node: WeightedNode,
  criterion: FilterCriterion,
): Float64Array => {
  const name = `${node.name}.weight`;
  const count = node.kind === "conv" ? node.filters : node.features;
  const filters = { values: numbersOf(model, name), count };
  switch (criterion.kind) {
    case "l1":
    case "l2":
      return filterNorms(filters, criterion.kind);
    case "fpgm":
      return medianDistances(filters);
  }
};

/** The scores of the nodes that compute values of an axis, channel by channel. */
const axisScores = (
  model: Model,
  { norms, layers }: ChannelAxis,
  criterion: Criterion,
  masked: ReadonlySet<string>,
): Float64Array[] => {
  switch (criterion.kind) {
    case "gamma":
      return norms.flatMap((norm) => gammaScores(model, norm) ?? []);
    case "random":
      return [];
    case "taylor":
      return [...norms, ...layers].flatMap(({ name }) =>
        masked.has(name) ? (criterion.changes.get(name) ?? []) : [],
      );
    default:
      return layers.map((node) => filterScores(model, node, criterion));
  }
};

const combined = (values: readonly number[], how: Combination): number => {
  if (how === "max") return Math.max(...values);
  const sum = values.reduce((total, value) => total + value, 0);
  return how === "sum" ? sum : sum / values.length;
};

/** The scores of all channels of a group. */
const groupScores = (group: ChannelGroup, scores: readonly Float64Array[][]): number[] =>
  [...group].flatMap(([axis, channels]) =>
    (scores[axis] ?? []).flatMap((node) => channels.map((channel) => node[channel] as number)),
  );

const randomImportance = ({ groups, first }: CoupledLayers, seed: number): Float64Array =>
  Float64Array.from(groups, (_, index) => randomUnit(STREAM, seed, first, index));

/**
 * A function that computes the importance of each channel group of some coupled layers: the scores of all its filters, or
 * of all its gammas, combined. Constant channels, which have none, count as 0. It returns undefined for layers without
 * gammas if the criterion is gamma.
 * Example: two convolutions whose outputs are added, with norms of gammas [0.5, -2] and [1.5, 0]: by their mean the two
 * groups have [1, 1], by their maximum [1.5, 2].
 */
export const channelImportance = (
  model: Model,
  { axes }: ChannelMap,
  { criterion, combine, isRelative }: ImportanceOptions,
): ((layers: CoupledLayers) => Float64Array | undefined) => {
  const masked = maskedNodes(model.graph);
  const scores = axes.map((axis) => {
    const own = axisScores(model, axis, criterion, masked);
    return isRelative ? own.map(byTheirMean) : own;
  });
  const isComputed = (group: ChannelGroup): boolean =>
    [...group.keys()].some((axis) => (axes[axis]?.layers.length ?? 0) > 0);
  return (layers) => {
    if (criterion.kind === "random") return randomImportance(layers, criterion.seed);
    const values = layers.groups.map((group) => groupScores(group, scores));
    const lacksScore = layers.groups.some(
      (group, index) => values[index]?.length === 0 && isComputed(group),
    );
    if (lacksScore) return undefined;
    return Float64Array.from(values, (own) => (own.length === 0 ? 0 : combined(own, combine)));
  };
};
