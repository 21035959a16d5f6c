import { QpruneError } from "../base/errors.js";
import type { ConvSpec, NetSpec } from "../models/spec.js";
import { lcm, widthBase } from "../models/widths.js";
import type { Neighbours } from "./channel-cells.js";
import { fittingWidths, multiplesOf, nearestWidth } from "./fitting-width.js";
import type { LayerPlan, PrunePlan, PruneReason } from "./plan.js";
import { selectChannels } from "./select-channels.js";
import { countAbove, layerThresholds, pruningThreshold } from "./threshold.js";

/** Which share of the channels goes: of all layers ranked together, or of each layer by itself. */
export type PruneShare =
  | { readonly kind: "global"; readonly percent: number }
  | { readonly kind: "layers"; readonly percents: readonly number[] };

export interface PlanOptions {
  readonly spec: NetSpec;
  /** Of every output channel of every convolution but the last (see channelImportance). */
  readonly importance: readonly Float64Array[];
  readonly share: PruneShare;
  /** Every width becomes a multiple of it, or stays whole; 1 is none. */
  readonly multiple: number;
}

const neighboursAt = ({ convs }: NetSpec, at: number): Neighbours => {
  const [conv, reader] = [convs[at] as ConvSpec, convs[at + 1] as ConvSpec];
  return { groups: conv.groups, shuffle: reader.shuffle, readerGroups: reader.groups };
};

const planLayer = (options: PlanOptions, at: number, threshold: number): LayerPlan => {
  const { spec, multiple } = options;
  const importance = options.importance[at] as Float64Array;
  const total = importance.length;
  const above = importance.filter((value) => value > threshold).length;
  const wanted = countAbove(importance, threshold);
  const groupBase = widthBase(spec.convs, at);
  const base = lcm(groupBase, multiple);
  const neighbours = neighboursAt(spec, at);
  const widths = fittingWidths(total, base, neighbours);
  // A layer that nothing is taken from keeps a width that is no multiple, too.
  const isWhole = threshold === Number.NEGATIVE_INFINITY;
  const kept = isWhole ? total : nearestWidth(wanted, { widths, base });
  const keep = selectChannels(importance, kept, neighbours);
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
  return { conv: at, total, kept, above, threshold, keptBelow, prunedAbove, keep, reasons };
};

const checkImportance = (importance: readonly Float64Array[]): void => {
  const at = importance.findIndex((layer) => !layer.every(Number.isFinite));
  if (at < 0) return;
  throw new QpruneError(`Convolution ${at} has channels whose importance is no finite number.`, {
    hint: "The file holds NaN or infinite values: use one that was saved before training diverged.",
  });
};

/**
 * Decides which channels stay: importance -> threshold -> how many stay in each layer -> which ones.
 * Example: gammas [3, 1, 2, 4] and [5, 0.5, 0.6, 6] at 0.5 have the threshold 3, so [3] and [0, 3] stay;
 * with multiples of 2 the first layer keeps [0, 3].
 * @throws QpruneError where an importance is no finite number.
 */
export const makePlan = (options: PlanOptions): PrunePlan => {
  const { importance, share } = options;
  checkImportance(importance);
  const thresholds =
    share.kind === "layers"
      ? layerThresholds(importance, share.percents)
      : importance.map(() => Number.NaN).fill(pruningThreshold(importance, share.percent));
  return { layers: thresholds.map((threshold, at) => planLayer(options, at, threshold)) };
};
