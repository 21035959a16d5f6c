import { lcm } from "../base/divisors.js";
import { QpruneError } from "../base/errors.js";
import type { ChainSpec, ConvSpec } from "../models/chains/chain-spec.js";
import { widthBase } from "../models/chains/widths.js";
import type { Neighbors } from "./channel-groups.js";
import { fittingWidths, multiplesOf, nearestWidth } from "./fitting-width.js";
import type { LayerPlan, PrunePlan, PruneReason } from "./plan.js";
import { selectChannels } from "./select-channels.js";
import { countAbove, layerThresholds, pruningThreshold } from "./threshold.js";

/** The share of channels to prune: of all layers ranked together, or of each layer separately. */
export type PruneShare =
  | { readonly kind: "global"; readonly percent: number }
  | { readonly kind: "layers"; readonly percents: readonly number[] };

export interface PlanOptions {
  readonly spec: ChainSpec;
  /** Of every output channel of every convolution except the last (see channelImportance). */
  readonly importance: readonly Float64Array[];
  readonly share: PruneShare;
  /** Every width becomes a multiple of it or stays whole; 1: any width. */
  readonly multiple: number;
}

const neighborsOf = ({ convs }: ChainSpec, index: number): Neighbors => {
  const [conv, consumer] = [convs[index] as ConvSpec, convs[index + 1] as ConvSpec];
  return {
    groups: conv.groups,
    shuffle: consumer.shuffle,
    consumerGroups: consumer.groups,
  };
};

const planLayer = (options: PlanOptions, index: number, threshold: number): LayerPlan => {
  const { spec, multiple } = options;
  const importance = options.importance[index] as Float64Array;
  const total = importance.length;
  const above = importance.filter((value) => value > threshold).length;
  const wanted = countAbove(importance, threshold);
  const groupBase = widthBase(spec.convs, index);
  const base = lcm(groupBase, multiple);
  const neighbors = neighborsOf(spec, index);
  const widths = fittingWidths(total, base, neighbors);
  // A layer that loses no channel keeps its width even if that is no multiple.
  const isWhole = threshold === Number.NEGATIVE_INFINITY;
  const kept = isWhole ? total : nearestWidth(wanted, { widths, base });
  const keep = selectChannels(importance, kept, neighbors);
  const keptBelow = keep.filter((channel) => (importance[channel] as number) <= threshold).length;
  const reasons: PruneReason[] = [
    ...(above === 0 ? (["emptied"] as const) : []),
    ...(kept !== wanted && multiple > 1 ? (["multiple"] as const) : []),
    ...(kept !== wanted && groupBase > 1 ? (["groups"] as const) : []),
    ...(!isWhole && kept !== nearestWidth(wanted, { widths: multiplesOf(base, total), base })
      ? (["cells"] as const)
      : []),
    ...(keptBelow > Math.max(0, kept - above) ? (["own group"] as const) : []),
  ];
  const prunedAbove = above - (kept - keptBelow);
  return { conv: index, total, kept, above, threshold, keptBelow, prunedAbove, keep, reasons };
};

const checkImportance = (importance: readonly Float64Array[]): void => {
  const index = importance.findIndex((layer) => !layer.every(Number.isFinite));
  if (index < 0) return;
  throw new QpruneError(
    `Convolution ${index} has channels whose importance is not a finite number.`,
    {
      hint: "The file contains NaN or infinite values: use one that was saved before training diverged.",
    },
  );
};

/**
 * Decides which channels stay: importance -> threshold -> number of channels of each layer -> selection.
 * Example: gammas [3, 1, 2, 4] and [5, 0.5, 0.6, 6] at 0.5 have the threshold 3, so [3] and [0, 3] stay; with multiples of
 * 2 the first layer keeps [0, 3].
 * @throws QpruneError if an importance is not a finite number.
 */
export const makePlan = (options: PlanOptions): PrunePlan => {
  const { importance, share } = options;
  checkImportance(importance);
  const thresholds =
    share.kind === "layers"
      ? layerThresholds(importance, share.percents)
      : importance.map(() => Number.NaN).fill(pruningThreshold(importance, share.percent));
  return { layers: thresholds.map((threshold, index) => planLayer(options, index, threshold)) };
};
