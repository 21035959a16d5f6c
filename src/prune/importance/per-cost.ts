import { createPlanner, type PlannerOptions } from "../plan/make-plan.js";
import type { KeptChannels } from "../plan/plan.js";

/** What the costs of a net count. */
export const costKinds = ["macs", "params"] as const;

/** The share of the cost that a channel of each layer saves: that of a layer as narrow as it can become alone, by lost channel. */
const savedShares = (
  options: PlannerOptions,
  costOf: (channels: KeptChannels) => number,
): readonly number[] => {
  const plan = createPlanner(options);
  const whole = costOf(new Map());
  return options.layers.map((_, index) => {
    const percents = options.layers.map((_, other) => (other === index ? 1 : 0));
    const { layers, channels } = plan({ kind: "layers", percents });
    const lost = layers.reduce((sum, { total, kept }) => sum + total - kept, 0);
    return lost === 0 ? 0 : (whole - costOf(channels)) / lost / whole;
  });
};

/**
 * The importance of channels by what they cost: divided by the share of the cost that removing the channel saves. Removing the channels
 * with the smallest ratios first loses the least importance for a given cost (the greedy solution of the knapsack problem; HALP,
 * Shen et al. 2022, section 3.2, chooses channels by importance and latency). Layers that cannot become smaller keep their numbers.
 * Example: of two channels of importance 1, one saves 2% and one 1% of the MACs: they have 50 and 100, and the first is pruned first.
 */
export const importancePerCost = (
  options: PlannerOptions,
  costOf: (channels: KeptChannels) => number,
): readonly Float64Array[] => {
  const shares = savedShares(options, costOf);
  return options.importance.map((values, index) => {
    const share = shares[index] as number;
    return share > 0 ? values.map((value) => value / share) : values;
  });
};
