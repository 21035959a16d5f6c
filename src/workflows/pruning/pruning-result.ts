import type { NetCost } from "../../models/net-cost.js";
import type { NetSpec } from "../../models/spec.js";
import type { BetaReport } from "../../prune/absorb-betas.js";
import type { ImportanceKind } from "../../prune/importance.js";
import type { PruneShare } from "../../prune/make-plan.js";
import type { LayerPlan } from "../../prune/plan.js";
import type { Evaluation } from "../../train/evaluate.js";

/** A layer of the plan, with its name in the state dict and what the original would have kept. */
export interface PrunedLayer extends LayerPlan {
  readonly name: string;
  /** Undefined where the original has no rule: other importance, percents of layers. */
  readonly originalKept: number | undefined;
}

/** The tests of the net whole, with pruned channels silent, and of the smaller net. */
export interface PruningTests {
  readonly before: Evaluation;
  /** The original's "pre-prune" test: gammas and betas of pruned channels are 0. */
  readonly masked: Evaluation;
  readonly pruned: Evaluation;
}

/** All that pruning a file did. */
export interface PruningResult {
  readonly model: string;
  readonly spec: NetSpec;
  readonly smallSpec: NetSpec;
  readonly importance: ImportanceKind;
  readonly share: PruneShare;
  readonly multiple: number;
  readonly layers: readonly PrunedLayer[];
  readonly betas: readonly BetaReport[];
  readonly before: NetCost;
  readonly after: NetCost;
  readonly tests: PruningTests | undefined;
  /** Why nothing was tested; undefined where it was. */
  readonly untested: string | undefined;
  /** Where the smaller net was saved; undefined with --dry-run. */
  readonly file: string | undefined;
  /** The flags by which the call named its images, for the call that is advised next. */
  readonly dataFlags: readonly string[];
  readonly notices: readonly string[];
}
