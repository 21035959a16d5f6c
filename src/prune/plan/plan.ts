import type { ValueId } from "../../graph/graph.js";

/**
 * Why layers keep a different number of channels, or other channels, than the threshold alone implies:
 * - `emptied`: all were at or below the threshold; the most important one stays
 * - `minimum`: a least number of channels was requested
 * - `multiple`: the width had to be a multiple of the requested number
 * - `groups`: the width had to be divisible by the groups and shuffles around it
 * - `shuffle`: at the nearest width the smaller net's shuffles would lead more channels from one group to another than the
 *   larger net has there (see ChannelStructure), so the nearest possible width was used
 * - `own group`: channels were ranked within their places, since no channel of another group can replace them
 */
export type PruneReason = "emptied" | "minimum" | "multiple" | "groups" | "shuffle" | "own group";

/** The plan for layers whose channels are pruned together. A channel here is a channel group. */
export interface LayerPlan {
  /** Names of the layers, in the graph's order. */
  readonly names: readonly string[];
  /** Index of the first of them among the convolutions and dense layers of the graph, from 0. */
  readonly conv: number;
  readonly total: number;
  readonly kept: number;
  /** Channels above the threshold. */
  readonly above: number;
  /** -Infinity if nothing is pruned; null in JSON. */
  readonly threshold: number;
  /** Channels kept although they are not above the threshold. */
  readonly keptBelow: number;
  /** Channels pruned although they are above the threshold. */
  readonly prunedAbove: number;
  /** The old index of each new channel. */
  readonly keep: readonly number[];
  readonly reasons: readonly PruneReason[];
}

/** The old index of each new channel, for every value of a graph that loses channels. */
export type KeptChannels = ReadonlyMap<ValueId, readonly number[]>;

/** Which channels stay. */
export interface PrunePlan {
  readonly layers: readonly LayerPlan[];
  readonly channels: KeptChannels;
}
