/**
 * Why a layer keeps a different number of channels, or other channels, than the threshold alone implies:
 * - `emptied`: all were at or below the threshold; the most important one stays
 * - `multiple`: the width had to be a multiple of the requested number
 * - `groups`: the width had to be divisible by the groups and shuffles on both sides
 * - `cells`: at the nearest width the smaller net's shuffle would lead more channels from one group to another than the
 *   larger net has there (see channelGroups), so the nearest possible width was used
 * - `own group`: channels were ranked within their channel groups, since no channel of another group can replace them
 */
export type PruneReason = "emptied" | "multiple" | "groups" | "cells" | "own group";

/** The plan for the output channels of one convolution. */
export interface LayerPlan {
  /** Index of the convolution, from 0. */
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

/** Which channels stay. All convolutions except the last have an entry. */
export interface PrunePlan {
  readonly layers: readonly LayerPlan[];
}
