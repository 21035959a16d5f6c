import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { type ChainSpec, type ConvSpec, widthsOf } from "../../models/chains/chain-spec.js";
import type { NetWeights } from "../../models/chains/conv-weights.js";
import { channelImportance } from "../../prune/importance.js";
import { makePlan, type PlanOptions, type PruneShare } from "../../prune/make-plan.js";
import type { PrunePlan } from "../../prune/plan.js";
import { referenceBases, referenceKeep } from "../../prune/reference-rules.js";
import { percentForMacs } from "../../prune/target-macs.js";
import type { PruningCall } from "./pruning-call.js";

/** Refuses more than one of the options that set how much is pruned. */
const checkShareOptions = ({ given }: PruningCall): void => {
  const asked = ["percent", "layer_percent", "target_macs"].filter((key) => given.has(key));
  if (asked.length > 1) {
    throw usageError(
      `${asked.map(option).join(" and ")} both set how much is pruned.`,
      "Give only one of them.",
    );
  }
};

/**
 * Refuses options that do not fit the net.
 * @throws QpruneError (usage)
 */
export const checkPruningOptions = (call: PruningCall, spec: ChainSpec): void => {
  const { layers, layer_percent: percents } = call.options;
  checkShareOptions(call);
  if (layers !== undefined && layers !== spec.convs.length) {
    throw usageError(
      `${option("layers")} is ${layers}, but ${spec.arch} has ${spec.convs.length} convolutions.`,
      `Set ${option("layers")} to ${spec.convs.length}, or omit it.`,
    );
  }
  const prunable = spec.convs.length - 1;
  if (percents && percents.length !== prunable) {
    throw usageError(
      `${option("layer_percent")} needs ${prunable} fractions for ${spec.arch}, not ${percents.length}.`,
      "Give one for each convolution but the last; 0 leaves a layer unchanged.",
    );
  }
  const widest = Math.max(...widthsOf(spec));
  if (call.multiple > widest) {
    throw usageError(
      `${option("normal_regular")} is ${call.multiple}, but the widest layer has ${widest} channels.`,
      "Give a multiple that fits into the layers, such as 4, 8 or 16.",
    );
  }
};

const chooseShare = ({ options }: PruningCall, plan: Omit<PlanOptions, "share">): PruneShare => {
  if (options.layer_percent) return { kind: "layers", percents: options.layer_percent };
  if (options.target_macs === undefined) return { kind: "global", percent: options.percent };
  const percent = percentForMacs(plan, options.target_macs);
  if (percent !== undefined) return { kind: "global", percent };
  throw usageError(
    `${option("target_macs")} ${options.target_macs}: no percent leaves so few MACs, since every layer keeps a minimum width.`,
    "Ask for a larger fraction, or for a smaller multiple.",
  );
};

/** How many channels of each layer the reference scripts would keep; undefined for options that they do not have. */
const originalWidths = (
  { options, multiple }: PruningCall,
  spec: ChainSpec,
  weights: NetWeights,
  share: PruneShare,
): readonly number[] | undefined => {
  if (options.importance !== "gamma" || share.kind !== "global") return undefined;
  const groups = spec.convs.map((conv: ConvSpec) => conv.groups);
  const isGrouped = groups.some((count) => count > 1);
  const bases = isGrouped ? referenceBases(groups) : groups.slice(0, -1).fill(multiple);
  const gammas = weights.slice(0, -1).map(({ affine }) => affine?.gamma ?? []);
  return referenceKeep(gammas, share.percent, bases).widths;
};

export interface ChosenPlan {
  readonly plan: PrunePlan;
  readonly share: PruneShare;
  readonly importance: readonly Float64Array[];
  readonly originalWidths: readonly number[] | undefined;
}

/**
 * The plan that the options ask for.
 * @throws QpruneError (usage) if options do not fit the net or cannot be satisfied.
 */
export const planPruning = (
  call: PruningCall,
  spec: ChainSpec,
  weights: NetWeights,
): ChosenPlan => {
  checkPruningOptions(call, spec);
  const importance = channelImportance(weights, call.options.importance);
  if (!importance) {
    throw usageError(
      "The net's batch norms have no gammas to rank channels by.",
      `Rank by filter norms with ${option("importance")} l1 or l2.`,
    );
  }
  const options = { spec, importance, multiple: call.multiple };
  const share = chooseShare(call, options);
  return {
    plan: makePlan({ ...options, share }),
    share,
    importance,
    originalWidths: originalWidths(call, spec, weights, share),
  };
};
