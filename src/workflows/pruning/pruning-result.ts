import type { NetCost } from "../../graph/cost.js";
import type { ChainSpec } from "../../models/chains/chain-spec.js";
import type { BetaReport } from "../../prune/absorb-betas.js";
import type { ImportanceKind } from "../../prune/importance.js";
import type { PruneShare } from "../../prune/make-plan.js";
import type { LayerPlan } from "../../prune/plan.js";
import type { Evaluation } from "../../train/evaluate.js";
import type { RecordedImages } from "../images/recorded-images.js";
import type { Untested } from "../testing/open-test-data.js";
import type { PruningNotice } from "./pruning-notices.js";

/** A layer of the plan, with its name in the state dict and the number of channels that the reference scripts would keep. */
export interface PrunedLayer extends LayerPlan {
  readonly name: string;
  /** Undefined for options that the reference scripts do not have: other importance, percents of layers. */
  readonly originalKept: number | undefined;
}

/** Tests of the unpruned net, of the net with pruned channels masked, and of the smaller net. */
export interface PruningTests {
  readonly before: Evaluation;
  /** The "pre-prune" test of the reference scripts: gammas and betas of pruned channels are 0. */
  readonly masked: Evaluation;
  readonly pruned: Evaluation;
}

/** The result of pruning. */
export interface PruningResult {
  readonly model: string;
  readonly spec: ChainSpec;
  readonly smallSpec: ChainSpec;
  readonly importance: ImportanceKind;
  readonly share: PruneShare;
  readonly multiple: number;
  readonly layers: readonly PrunedLayer[];
  readonly betas: readonly BetaReport[];
  readonly before: NetCost;
  readonly after: NetCost;
  readonly tests: PruningTests | undefined;
  /** Why nothing was tested; undefined if the nets were tested. */
  readonly untested: Untested | undefined;
  /** Where the smaller net was saved; undefined in a dry run. */
  readonly file: string | undefined;
  /** The images that the net was trained on. */
  readonly images: RecordedImages;
  readonly notices: readonly PruningNotice[];
}
