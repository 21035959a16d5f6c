import type { PruneShare } from "./make-plan.js";
import type { KeptChannels, PrunePlan } from "./plan.js";

export interface TargetOptions {
  readonly plan: (share: PruneShare) => PrunePlan;
  /** What is pruned at a percent: that of all layers together, or that of each. */
  readonly shareOf: (percent: number) => PruneShare;
  /** The number of channels that can be pruned. */
  readonly channels: number;
  /** The cost of the net whose channels are kept. */
  readonly costOf: (channels: KeptChannels) => number;
  /** The cost to reach. */
  readonly wanted: number;
}

/** The percent that reaches a target, or the least cost that any percent reaches. */
export type Target =
  | { readonly kind: "percent"; readonly percent: number }
  | { readonly kind: "unreachable"; readonly least: number };

/** The percent whose threshold is the channel of the given rank, however the quotient rounds. */
const percentFor = (rank: number, channels: number): number => Math.min(1, (rank + 0.5) / channels);

/**
 * The smallest percent, in steps of one channel, whose plan costs at most `wanted`, found by bisection.
 * Example: for 176 prunable channels and half of the MACs, 8 plans are enough. The whole cost needs no pruning: 0.
 */
export const percentForCost = (options: TargetOptions): Target => {
  const { plan, shareOf, channels, costOf, wanted } = options;
  const costAt = (percent: number): number => costOf(plan(shareOf(percent)).channels);
  if (costAt(0) <= wanted) return { kind: "percent", percent: 0 };
  let [low, high] = [0, channels];
  const least = costAt(percentFor(high, channels));
  if (least > wanted) return { kind: "unreachable", least };
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (costAt(percentFor(middle, channels)) <= wanted) high = middle;
    else low = middle + 1;
  }
  return { kind: "percent", percent: percentFor(high, channels) };
};
