import { modelSummary } from "../../analysis/model-summary.js";
import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { graphCost } from "../../graph/cost.js";
import type { Model } from "../../graph/model.js";
import { pruneWeights } from "../../prune/apply/prune-weights.js";
import { prunedGraph } from "../../prune/apply/pruned-graph.js";
import type { CoupledLayers } from "../../prune/channels/coupled-layers.js";
import type { PruneShare } from "../../prune/plan/make-plan.js";
import type { KeptChannels, PrunePlan } from "../../prune/plan/plan.js";
import { percentForCost } from "../../prune/plan/target.js";
import type { PruningCall } from "./pruning-call.js";

/** The options that set how much is pruned. */
const SHARES = [
  "percent",
  "layer_percent",
  "target_macs",
  "target_params",
  "target_bytes",
] as const;

/** @throws QpruneError (usage) if more than one option sets how much is pruned. */
export const checkShareOptions = ({ given }: PruningCall): void => {
  const asked = SHARES.filter((key) => given.has(key));
  if (asked.length > 1) {
    throw usageError(
      `${asked.map(option).join(" and ")} both set how much is pruned.`,
      "Give only one of them.",
    );
  }
  if (given.has("local") && given.has("layer_percent")) {
    throw usageError(
      `${option("layer_percent")} ranks each layer on its own already.`,
      `Omit ${option("local")}.`,
    );
  }
};

/** What a plan is made with. */
interface Planning {
  readonly plan: (share: PruneShare) => PrunePlan;
  readonly layers: readonly CoupledLayers[];
  readonly model: Model;
}

interface WantedCost {
  readonly key: (typeof SHARES)[number];
  readonly share: number;
  readonly what: string;
  readonly costOf: (channels: KeptChannels) => number;
}

/** The cost that the options limit, if they do. */
const wantedCost = ({ options }: PruningCall, { model }: Planning): WantedCost | undefined => {
  const { target_macs: macs, target_params: parameters, target_bytes: bytes } = options;
  const costOf = (channels: KeptChannels) => graphCost(prunedGraph(model.graph, channels));
  if (macs !== undefined) {
    return { key: "target_macs", share: macs, what: "MACs", costOf: (own) => costOf(own).macs };
  }
  if (parameters !== undefined) {
    const of = (own: KeptChannels) => costOf(own).parameters;
    return { key: "target_params", share: parameters, what: "parameters", costOf: of };
  }
  if (bytes === undefined) return undefined;
  const packed = (own: KeptChannels) => modelSummary(pruneWeights(model, own)).total.packedBytes;
  return { key: "target_bytes", share: bytes, what: "bytes", costOf: packed };
};

/** Digits of a share that is printed as a hint; rounded up, so that it can be reached. */
const SHARE_STEPS = 1000;

/**
 * How much is pruned.
 * @throws QpruneError (usage) if a target cannot be reached.
 */
export const chooseShare = (call: PruningCall, planning: Planning): PruneShare => {
  const { options } = call;
  const { plan, layers } = planning;
  if (options.layer_percent) return { kind: "layers", percents: options.layer_percent };
  const shareOf = (percent: number): PruneShare =>
    options.local
      ? { kind: "layers", percents: layers.map(() => percent) }
      : { kind: "global", percent };
  const wanted = wantedCost(call, planning);
  if (!wanted) return shareOf(options.percent);
  const { key, share, what, costOf } = wanted;
  const whole = costOf(new Map());
  const channels = layers.reduce((sum, { groups }) => sum + groups.length, 0);
  const target = percentForCost({ plan, shareOf, channels, costOf, wanted: share * whole });
  if (target.kind === "percent") return shareOf(target.percent);
  const least = Math.ceil((SHARE_STEPS * target.least) / whole) / SHARE_STEPS;
  throw usageError(
    `${option(key)} ${share}: no percent leaves so few ${what}, since every layer keeps a minimum width. The smallest possible value is ${least}.`,
    `Ask for ${least} or more, or for a smaller multiple.`,
  );
};
