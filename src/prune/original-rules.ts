import { lcm } from "../models/widths.js";
import { globalThreshold } from "./threshold.js";

/**
 * The rules of the original's scripts with their faults, for comparing: what they keep of each layer.
 * qprune prunes by makePlan.
 */
export interface OriginalKeep {
  readonly threshold: number;
  /** One mask a layer: 1 stays, 0 goes. */
  readonly masks: readonly Uint8Array[];
  /** The widths that the original writes down; its masks may keep another number of channels. */
  readonly widths: readonly number[];
}

const count = (mask: Uint8Array): number => mask.reduce((sum, each) => sum + each, 0);

/** The channels above the threshold; of a layer that has none, the one with the largest signed gamma. */
const plainMask = (gamma: ArrayLike<number>, threshold: number): Uint8Array => {
  const values = Array.from(gamma);
  const mask = Uint8Array.from(values, (value) => (Math.abs(value) > threshold ? 1 : 0));
  if (count(mask) === 0) mask[values.indexOf(Math.max(...values))] = 1;
  return mask;
};

/**
 * Rounds the number kept to the nearest multiple of `base` (half-way up, at most the layer's width) and
 * keeps all |gamma| from the last one that fits on, so that ties stay too. Fewer than `base` stay as they are.
 * Example: gammas 5 4 3 3 with three kept and a base of 2 become 4; with two kept and base 2 they stay two.
 */
const toMultiple = (
  gamma: ArrayLike<number>,
  mask: Uint8Array,
  base: number,
): { mask: Uint8Array; width: number } => {
  const kept = count(mask);
  if (kept < base) return { mask, width: kept };
  const rest = kept % base;
  const rounded = rest >= base / 2 ? kept - rest + base : kept - rest;
  const width = Math.min(rounded, gamma.length);
  const magnitudes = Float64Array.from(gamma, Math.abs);
  const cut = [...magnitudes].sort((a, b) => b - a)[width - 1] as number;
  return { mask: Uint8Array.from(magnitudes, (value) => (value >= cut ? 1 : 0)), width };
};

/** The rule of normal_regular_prune.py (every base is `normal_regular`) and of gc_prune.py (bases by groups). */
export const originalKeep = (
  gammas: readonly ArrayLike<number>[],
  percent: number,
  bases: readonly number[],
): OriginalKeep => {
  const magnitudes = gammas.map((gamma) => Float64Array.from(gamma, Math.abs));
  const threshold = globalThreshold(magnitudes, percent);
  const layers = gammas.map((gamma, at) => {
    const mask = plainMask(gamma, threshold);
    const base = bases[at] as number;
    return base > 1 ? toMultiple(gamma, mask, base) : { mask, width: count(mask) };
  });
  return {
    threshold,
    masks: layers.map(({ mask }) => mask),
    widths: layers.map(({ width }) => width),
  };
};

/**
 * The base number of each layer but the last in gc_prune.py: the least common multiple of the groups of
 * this convolution and the next. Example: groups 1 2 16 give 2 and 16.
 */
export const originalBases = (groups: readonly number[]): number[] =>
  groups.slice(0, -1).map((own, at) => lcm(own, groups[at + 1] as number));
