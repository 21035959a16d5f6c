import { modelSummary } from "../../analysis/model-summary.js";
import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { graphCost } from "../../graph/cost.js";
import type { Model } from "../../graph/model.js";
import { latencyShare } from "../../options/values/latency-target.js";
import { pruneWeights } from "../../prune/apply/prune-weights.js";
import { prunedGraph } from "../../prune/apply/pruned-graph.js";
import type { CoupledLayers } from "../../prune/channels/coupled-layers.js";
import { equalLossShares, type LossCurve } from "../../prune/plan/equal-loss-shares.js";
import type { PruneShare } from "../../prune/plan/make-plan.js";
import type { KeptChannels, PrunePlan } from "../../prune/plan/plan.js";
import { percentForCost } from "../../prune/plan/target.js";
import type { ShareOption } from "./check-share-options.js";
import type { LatencyMeter } from "./latency-meter.js";
import type { PruningCall } from "./pruning-call.js";

/** What a plan is made with. */
interface Planning {
  readonly plan: (share: PruneShare) => PrunePlan;
  readonly layers: readonly CoupledLayers[];
  readonly model: Model;
  /** How much the loss grows if one of the layers is pruned, for each of them. */
  readonly curves: readonly LossCurve[] | undefined;
  readonly latency: LatencyMeter | undefined;
}

interface WantedCost {
  readonly key: ShareOption;
  /** The option's value. */
  readonly asked: number | string;
  /** Of the cost of the whole net. */
  readonly share: number;
  readonly soLittle: string;
  readonly costOf: (channels: KeptChannels) => number;
}

/** The cost that the options limit, if they do. */
const wantedCost = (
  { options }: PruningCall,
  { model, latency }: Planning,
): WantedCost | undefined => {
  const { target_macs: macs, target_params: parameters, target_bytes: bytes } = options;
  const { target_latency: time } = options;
  const costOf = (channels: KeptChannels) => graphCost(prunedGraph(model.graph, channels));
  const wanted = (
    key: WantedCost["key"],
    share: number,
    soLittle: string,
    of: WantedCost["costOf"],
  ): WantedCost => ({ key, asked: share, share, soLittle, costOf: of });
  if (macs !== undefined)
    return wanted("target_macs", macs, "so few MACs", (own) => costOf(own).macs);
  if (parameters !== undefined) {
    const of = (own: KeptChannels) => costOf(own).parameters;
    return wanted("target_params", parameters, "so few parameters", of);
  }
  if (time !== undefined && latency) {
    const share = latencyShare(time, latency.wholeMs);
    const of = wanted("target_latency", share, "so little time", latency.shareOf);
    return { ...of, asked: time };
  }
  if (bytes === undefined) return undefined;
  const packed = (own: KeptChannels) => modelSummary(pruneWeights(model, own)).total.packedBytes;
  return wanted("target_bytes", bytes, "so few bytes", packed);
};

/** How often a share is raised that misses its time when it is measured again, and by how much. */
const RAISES = 20;
const RAISE = 0.01;

/** A percent at which a measured cost is met twice: the one that the search found, or a somewhat larger one. */
const confirmedPercent = (found: number, isMet: (percent: number) => boolean): number => {
  let percent = found;
  for (let raise = 0; raise < RAISES && percent < 1 && !isMet(percent); raise++)
    percent = Math.min(1, percent + RAISE);
  return percent;
};

/** Digits of a share that is printed as a hint; rounded up, so that it can be reached. */
const SHARE_STEPS = 1000;

/**
 * How much is pruned.
 * @throws QpruneError (usage) if a target cannot be reached.
 */
export const chooseShare = (call: PruningCall, planning: Planning): PruneShare => {
  const { options } = call;
  const { plan, layers, curves } = planning;
  if (options.layer_percent) return { kind: "layers", percents: options.layer_percent };
  const shareOf = (percent: number): PruneShare => {
    if (curves) return { kind: "layers", percents: equalLossShares(curves, percent) };
    return options.local
      ? { kind: "layers", percents: layers.map(() => percent) }
      : { kind: "global", percent };
  };
  const wanted = wantedCost(call, planning);
  if (!wanted) return shareOf(options.percent);
  const { key, asked, share, soLittle, costOf } = wanted;
  const whole = costOf(new Map());
  const channels = layers.reduce((sum, { groups }) => sum + groups.length, 0);
  const target = percentForCost({ plan, shareOf, channels, costOf, wanted: share * whole });
  if (target.kind === "percent") {
    if (key !== "target_latency" || target.percent === 0) return shareOf(target.percent);
    const isMet = (percent: number) => costOf(plan(shareOf(percent)).channels) <= share * whole;
    return shareOf(confirmedPercent(target.percent, isMet));
  }
  const least = Math.ceil((SHARE_STEPS * target.least) / whole) / SHARE_STEPS;
  throw usageError(
    `${option(key)} ${asked}: no percent leaves ${soLittle}, since every layer keeps a minimum width. The smallest possible value is ${least}${key === "target_latency" ? "x" : ""}.`,
    `Ask for ${least}${key === "target_latency" ? "x" : ""} or more, or for a smaller multiple.`,
  );
};
