import type { NetCost } from "../../graph/cost.js";
import type { NetSpec } from "../../models/net-spec.js";
import type { ConstantReport } from "../../prune/apply/fold-constants.js";
import type { ImportanceKind } from "../../prune/importance/importance.js";
import type { PruneShare } from "../../prune/plan/make-plan.js";
import type { LayerPlan } from "../../prune/plan/plan.js";
import type { Evaluation } from "../../train/tasks/evaluation.js";
import type { RecordedImages } from "../images/recorded-images.js";
import type { Untested } from "../testing/open-test-data.js";
import type { PruningNotice } from "./pruning-notices.js";

/** Coupled layers of the plan, with the number of channels that the reference scripts would keep. */
export interface PrunedLayer extends LayerPlan {
  /** The first norm of the channels, or else the first of the layers. */
  readonly name: string;
  /** Undefined for options and nets that the reference scripts do not have: other importance, percents of layers, graphs. */
  readonly originalKept: number | undefined;
}

/** Tests of the unpruned net, of the net with pruned channels masked, and of the smaller net. */
export interface PruningTests {
  readonly before: Evaluation;
  /** The "pre-prune" test of the reference scripts: gammas and betas of pruned channels are 0. */
  readonly masked: Evaluation;
  readonly pruned: Evaluation;
}

/** Times of one batch of images in inference, in milliseconds. */
export interface PruningLatency {
  /** Images per batch. */
  readonly batch: number;
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** The result of pruning. */
export interface PruningResult {
  readonly model: string;
  readonly spec: NetSpec;
  readonly smallSpec: NetSpec;
  readonly importance: ImportanceKind;
  readonly share: PruneShare;
  readonly multiple: number;
  readonly layers: readonly PrunedLayer[];
  readonly betas: readonly ConstantReport[];
  readonly before: NetCost;
  readonly after: NetCost;
  /** Measured times of one batch on this machine, if they limit the plan. */
  readonly latency: PruningLatency | undefined;
  readonly tests: PruningTests | undefined;
  /** Why nothing was tested; undefined if the nets were tested. */
  readonly untested: Untested | undefined;
  /** Where the smaller net was saved; undefined in a dry run. */
  readonly file: string | undefined;
  /** The images that the net was trained on. */
  readonly images: RecordedImages;
  readonly notices: readonly PruningNotice[];
}
