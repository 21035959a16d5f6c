import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { boxLayoutOf } from "../../graph/box-output.js";
import { graphCost } from "../../graph/cost.js";
import type { Graph } from "../../graph/graph.js";
import type { Model } from "../../graph/model.js";
import type { ConvSpec } from "../../models/chains/chain-spec.js";
import { stateNames } from "../../models/chains/state-names.js";
import { isChain, type NetSpec } from "../../models/net-spec.js";
import { prunedGraph } from "../../prune/apply/pruned-graph.js";
import {
  type ChannelMap,
  type CoupledLayers,
  channelMap,
} from "../../prune/channels/coupled-layers.js";
import {
  type Criterion,
  channelImportance,
  type ImportanceKind,
  type ImportanceOptions,
} from "../../prune/importance/importance.js";
import { importancePerCost } from "../../prune/importance/per-cost.js";
import { createPlanner, type PlannerOptions, type PruneShare } from "../../prune/plan/make-plan.js";
import type { PrunePlan } from "../../prune/plan/plan.js";
import { referenceBases, referenceKeep } from "../../prune/reference-rules.js";
import { weightNumbers } from "../../quant/numbers/quantized-tensor.js";
import type { Sensitivity } from "../../report/sensitivity/sensitivity.js";
import { checkPruningOptions } from "./check-pruning-options.js";
import type { LatencyMeter } from "./latency-meter.js";
import { lossCurves } from "./loss-curves.js";
import { prunableLayers } from "./prunable-layers.js";
import type { PruningCall } from "./pruning-call.js";
import { chooseShare } from "./pruning-share.js";
import type { ReadNet } from "./read-net.js";

/** How many channels of each layer the reference scripts would keep; undefined for options that they do not have. */
const originalWidths = (
  { options, multiple }: PruningCall,
  spec: NetSpec,
  { weights }: Model,
  share: PruneShare,
): readonly number[] | undefined => {
  if (options.importance !== "gamma" || share.kind !== "global" || !isChain(spec)) return undefined;
  if (options.keep) return undefined;
  const groups = spec.convs.map((conv: ConvSpec) => conv.groups);
  const isGrouped = groups.some((count) => count > 1);
  const bases = isGrouped ? referenceBases(groups) : groups.slice(0, -1).fill(multiple);
  const gammas = stateNames(spec)
    .slice(0, -1)
    .map(({ norm }) => weights.get(`${norm}.weight`))
    .map((gamma) => (gamma ? weightNumbers(gamma) : []));
  return referenceKeep(gammas, share.percent, bases).widths;
};

/** Changes of the loss by node (see lossChanges), for the criterion that needs them. */
export type LossChanges = ReadonlyMap<string, Float64Array>;

/** Criteria whose scale depends on the layer. */
const RELATIVE: ReadonlySet<ImportanceKind> = new Set(["l1", "l2", "fpgm"]);

const criterionOf = (
  { importance: kind, seed }: Pick<PruningCall["options"], "importance" | "seed">,
  changes: LossChanges = new Map(),
): Criterion => {
  switch (kind) {
    case "random":
      return { kind, seed };
    case "taylor":
      return { kind, changes };
    default:
      return { kind };
  }
};

/**
 * Whether importances are divided by the mean of their layer by default. So are a detector's changes of the loss: the gradients of
 * its head cancel over the positions of an image, and without the division whole layers of the head are pruned.
 */
const isRelativeByDefault = (kind: ImportanceKind, graph: Graph): boolean =>
  RELATIVE.has(kind) || (kind === "taylor" && boxLayoutOf(graph) !== undefined);

/** How the options rank the channels of a graph. */
export const importanceOptions = (
  options: Pick<PruningCall["options"], "importance" | "seed" | "combine" | "normalize">,
  graph: Graph,
  changes?: LossChanges,
): ImportanceOptions => {
  const { importance: kind, combine, normalize } = options;
  return {
    criterion: criterionOf(options, changes),
    // Changes of the loss add up, to first order.
    combine: combine ?? (kind === "taylor" ? "sum" : "mean"),
    isRelative: normalize ?? isRelativeByDefault(kind, graph),
  };
};

/** Layers with the importance of their channels. */
type Ranked = readonly (readonly [CoupledLayers, Float64Array])[];

/** @throws QpruneError (usage) if no layer has what channels are ranked by. */
const rank = (
  call: PruningCall,
  model: Model,
  map: ChannelMap,
  {
    layers,
    changes,
  }: { readonly layers: CoupledLayers[]; readonly changes?: LossChanges | undefined },
): Ranked => {
  const importanceOf = channelImportance(
    model,
    map,
    importanceOptions(call.options, model.graph, changes),
  );
  const ranked = layers.flatMap((each) => {
    const importance = importanceOf(each);
    return importance ? [[each, importance] as const] : [];
  });
  if (ranked.length > 0) return ranked;
  throw usageError(
    "The net's batch norms have no gammas to rank channels by.",
    `Rank by filter norms with ${option("importance")} l1 or l2.`,
  );
};

export interface ChosenPlan {
  readonly plan: PrunePlan;
  readonly share: PruneShare;
  readonly map: ChannelMap;
  readonly layers: readonly CoupledLayers[];
  readonly importance: readonly Float64Array[];
  /** Names of layers that have no gammas by which they could be ranked. */
  readonly unranked: readonly string[];
  readonly originalWidths: readonly number[] | undefined;
}

/** @throws QpruneError (usage) if no layer can have a smaller width. */
const checkWidths = (spec: NetSpec, plan: (share: PruneShare) => PrunePlan): void => {
  const { layers } = plan({ kind: "global", percent: 1 });
  if (layers.some(({ kept, total }) => kept < total)) return;
  throw usageError(
    `No layer of ${spec.arch} can become smaller: its present widths are the only ones that multiples, groups and shuffles allow.`,
    "Ask for a smaller multiple or minimum, or choose a wider net.",
  );
};

/** The importance of channels, by what they cost if the options ask for it. */
const weighted = (
  { options: { per_cost: kind } }: PruningCall,
  { graph }: Model,
  options: PlannerOptions,
): readonly Float64Array[] => {
  if (kind === undefined) return options.importance;
  const key = ({ macs: "macs", params: "parameters" } as const)[kind];
  return importancePerCost(options, (channels) => graphCost(prunedGraph(graph, channels))[key]);
};

/** What was measured for a plan. */
export interface Measurements {
  readonly changes?: LossChanges | undefined;
  readonly sensitivity?: Sensitivity | undefined;
  readonly latency?: LatencyMeter | undefined;
}

/**
 * The plan that the options ask for.
 * @throws QpruneError (usage) if options do not fit the net or cannot be satisfied.
 */
export const planPruning = (
  call: PruningCall,
  { spec, model }: Pick<ReadNet, "spec" | "model">,
  { changes, sensitivity, latency }: Measurements = {},
): ChosenPlan => {
  checkPruningOptions(call, spec);
  const map = channelMap(model.graph);
  const all = prunableLayers(spec, map, call.options.keep);
  const ranked = rank(call, model, map, { layers: all, changes });
  const layers = ranked.map(([each]) => each);
  const unweighted: PlannerOptions = {
    map,
    layers,
    importance: ranked.map(([, values]) => values),
    multiple: call.multiple,
    leastWidth: call.options.min_width,
  };
  const importance = weighted(call, model, unweighted);
  const plan = createPlanner({ ...unweighted, importance });
  checkWidths(spec, plan);
  const share = chooseShare(call, {
    ...{ plan, layers, model, latency },
    curves: sensitivity && lossCurves(sensitivity, layers),
  });
  return {
    plan: plan(share),
    share,
    map,
    layers,
    importance,
    unranked: all.filter((each) => !layers.includes(each)).flatMap(({ names }) => names),
    originalWidths: originalWidths(call, spec, model, share),
  };
};
