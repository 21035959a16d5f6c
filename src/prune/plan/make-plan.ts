import { QpruneError } from "../../base/errors.js";
import type { ValueId } from "../../graph/graph.js";
import type { ChannelGroup } from "../channels/channel-groups.js";
import type { ChannelMap, CoupledLayers } from "../channels/coupled-layers.js";
import type { KeptChannels, LayerPlan, PrunePlan, PruneReason } from "./plan.js";
import { sharedWidths } from "./shared-widths.js";
import { countAbove, layerThresholds, pruningThreshold } from "./threshold.js";
import { byDistance, freeChoice, structuredChoice, type WidthChoice } from "./width-choice.js";

/** The share of channels to prune: of all layers ranked together, or of each of the coupled layers separately. */
export type PruneShare =
  | { readonly kind: "global"; readonly percent: number }
  | { readonly kind: "layers"; readonly percents: readonly number[] };

export interface PlannerOptions {
  readonly map: ChannelMap;
  /** The coupled layers to prune. */
  readonly layers: readonly CoupledLayers[];
  /** Of every channel group of each of them (see channelImportance). */
  readonly importance: readonly Float64Array[];
  /** Every width becomes a multiple of it or stays whole; 1: any width. */
  readonly multiple: number;
  /** Channels that all layers keep at least; 1 if absent. */
  readonly leastWidth?: number;
}

export interface PlanOptions extends PlannerOptions {
  readonly share: PruneShare;
}

/** How each of the layers may be cut. */
const widthChoices = ({ map, layers, multiple }: PlannerOptions): WidthChoice[] => {
  const { shared, whole } = sharedWidths(map, new Set(layers), multiple);
  return layers.map((each) => {
    const { structure, groups } = each;
    if (whole.has(each)) return { ...freeChoice(groups.length, 1), widths: [groups.length] };
    if (structure) return structuredChoice(structure, groups, multiple);
    const choice = freeChoice(groups.length, multiple);
    const multiples = choice.widths.filter((width) => width % multiple === 0);
    return shared.has(each) ? { ...choice, widths: multiples } : choice;
  });
};

interface LayerRequest {
  readonly layers: CoupledLayers;
  readonly importance: Float64Array;
  readonly choice: WidthChoice;
  readonly threshold: number;
}

const planLayer = (
  { layers, importance, choice, threshold }: LayerRequest,
  { multiple, leastWidth = 1 }: PlannerOptions,
): LayerPlan => {
  const total = importance.length;
  const above = importance.filter((value) => value > threshold).length;
  const ranked = countAbove(importance, threshold);
  const least = Math.min(leastWidth, total);
  const wanted = Math.max(ranked, least);
  // A layer that loses no channel keeps its width even if that is no multiple.
  const isWhole = threshold === Number.NEGATIVE_INFINITY;
  const nearest = byDistance(wanted, choice).filter((width) => width >= least);
  const kept = isWhole ? total : (nearest.find(choice.fits) ?? total);
  const keep = choice.select(importance, kept);
  const keptBelow = keep.filter((channel) => (importance[channel] as number) <= threshold).length;
  const reasons: PruneReason[] = [
    ...(above === 0 ? (["emptied"] as const) : []),
    ...(wanted > ranked ? (["minimum"] as const) : []),
    ...(kept !== wanted && multiple > 1 ? (["multiple"] as const) : []),
    ...(kept !== wanted && choice.groupBase > 1 ? (["groups"] as const) : []),
    ...(!isWhole && kept !== nearest[0] ? (["shuffle"] as const) : []),
    ...(keptBelow > Math.max(0, kept - above) ? (["own group"] as const) : []),
  ];
  const prunedAbove = above - (kept - keptBelow);
  const { names, first: conv } = layers;
  return { names, conv, total, kept, above, threshold, keptBelow, prunedAbove, keep, reasons };
};

/** The kept channels of every value whose channels change. */
const keptChannels = (
  { map, layers }: PlannerOptions,
  plans: readonly LayerPlan[],
  choices: readonly WidthChoice[],
): KeptChannels => {
  const removed = map.axes.map(() => new Set<number>());
  const arranged = new Map<number, readonly number[]>();
  for (const [index, { keep }] of plans.entries()) {
    const own = choices[index]?.arrange(keep);
    if (own) for (const [axis, channels] of own) arranged.set(axis, channels);
    if (own) continue;
    const stays = new Set(keep);
    for (const [group, channels] of (layers[index]?.groups ?? []).entries())
      if (!stays.has(group)) removeGroup(channels, removed);
  }
  const inOrder = (axis: number): number[] =>
    [...Array(map.axes[axis]?.width ?? 0).keys()].filter((each) => !removed[axis]?.has(each));
  const isChanged = (axis: number): boolean => arranged.has(axis) || (removed[axis]?.size ?? 0) > 0;
  return new Map(
    [...map.axisOf].flatMap(([value, axis]): [ValueId, readonly number[]][] =>
      isChanged(axis) ? [[value, arranged.get(axis) ?? inOrder(axis)]] : [],
    ),
  );
};

const removeGroup = (group: ChannelGroup, removed: readonly Set<number>[]): void => {
  for (const [axis, channels] of group) for (const channel of channels) removed[axis]?.add(channel);
};

const checkImportance = ({ layers, importance }: PlannerOptions): void => {
  const index = importance.findIndex((layer) => !layer.every(Number.isFinite));
  if (index < 0) return;
  throw new QpruneError(
    `Layer ${layers[index]?.names[0]} has channels whose importance is not a finite number.`,
    {
      hint: "The file contains NaN or infinite values: use one that was saved before training diverged.",
    },
  );
};

/**
 * A function that decides which channels stay for a share to be pruned: importance -> threshold -> number of channels of
 * each of the coupled layers -> selection.
 * @throws QpruneError if an importance is not a finite number.
 */
export const createPlanner = (options: PlannerOptions): ((share: PruneShare) => PrunePlan) => {
  checkImportance(options);
  const { layers, importance } = options;
  const choices = widthChoices(options);
  return (share) => {
    const thresholds =
      share.kind === "layers"
        ? layerThresholds(importance, share.percents)
        : importance.map(() => Number.NaN).fill(pruningThreshold(importance, share.percent));
    const plans = thresholds.map((threshold, index) => {
      const request = {
        layers: layers[index] as CoupledLayers,
        importance: importance[index] as Float64Array,
        choice: choices[index] as WidthChoice,
        threshold,
      };
      return planLayer(request, options);
    });
    return { layers: plans, channels: keptChannels(options, plans, choices) };
  };
};

/**
 * Decides which channels stay (see createPlanner).
 * Example: gammas [3, 1, 2, 4] and [5, 0.5, 0.6, 6] at 0.5 have the threshold 3, so [3] and [0, 3] stay; with multiples of
 * 2 the first layer keeps [0, 3].
 * @throws QpruneError if an importance is not a finite number.
 */
export const makePlan = ({ share, ...options }: PlanOptions): PrunePlan =>
  createPlanner(options)(share);
