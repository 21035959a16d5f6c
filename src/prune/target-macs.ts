import { netCost } from "../models/chains/chain-cost.js";
import type { ChainSpec } from "../models/chains/chain-spec.js";
import { makePlan, type PlanOptions } from "./make-plan.js";
import type { PrunePlan } from "./plan.js";
import { prunedSpec } from "./pruned-spec.js";

const macsOf = (spec: ChainSpec, plan: PrunePlan): number => netCost(prunedSpec(spec, plan)).macs;

/** The percent whose threshold is the channel of the given rank, however the quotient rounds. */
const percentFor = (rank: number, channels: number): number => Math.min(1, (rank + 0.5) / channels);

/**
 * The smallest percent, in steps of one channel, whose plan needs at most `share` of the net's MACs, found by bisection.
 * Undefined if even the largest percent needs more, since every layer keeps a minimal width.
 * Example: for 176 prunable channels and a share of 0.5, 8 plans are enough. A share of 1 needs no pruning: 0.
 */
export const percentForMacs = (
  options: Omit<PlanOptions, "share">,
  share: number,
): number | undefined => {
  const channels = options.importance.reduce((sum, layer) => sum + layer.length, 0);
  const wanted = netCost(options.spec).macs * share;
  const reaches = (percent: number): boolean => {
    const plan = makePlan({ ...options, share: { kind: "global", percent } });
    return macsOf(options.spec, plan) <= wanted;
  };
  if (reaches(0)) return 0;
  const fits = (rank: number): boolean => reaches(percentFor(rank, channels));
  let [low, high] = [0, channels];
  if (!fits(high)) return undefined;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) high = middle;
    else low = middle + 1;
  }
  return percentFor(high, channels);
};
