/**
 * Why a layer keeps another number of channels, or other channels, than the threshold alone says:
 * - `emptied`: all were at or below the threshold; the most important one stays
 * - `multiple`: the width had to be a multiple of the number that was asked for
 * - `groups`: the width had to be divisible by the groups and shuffles on both sides
 * - `cells`: the smaller net's shuffle would lead more channels from one group to another than the larger
 *   net has there, so that the nearest width without that was taken
 * - `own group`: channels were ranked within their groups, since those of others cannot take their place
 */
export type PruneReason = "emptied" | "multiple" | "groups" | "cells" | "own group";

/** What becomes of the output channels of one convolution. */
export interface LayerPlan {
  /** Number of the convolution, from 0. */
  readonly conv: number;
  readonly total: number;
  readonly kept: number;
  /** Channels above the threshold. */
  readonly above: number;
  /** -Infinity where nothing is pruned; JSON has null there. */
  readonly threshold: number;
  /** Channels that stay although they are not above the threshold. */
  readonly keptBelow: number;
  /** Channels that go although they are above the threshold. */
  readonly prunedAbove: number;
  /** The old channel of each new one. */
  readonly keep: readonly number[];
  readonly reasons: readonly PruneReason[];
}

/** Which channels of which layers stay; all convolutions but the last have an entry. */
export interface PrunePlan {
  readonly layers: readonly LayerPlan[];
}
