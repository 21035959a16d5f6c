import { lcm } from "../base/divisors.js";
import { globalThreshold } from "./plan/threshold.js";

/** What the pruning rules of the reference scripts keep of each layer, including their faults; only for comparison. */
export interface ReferenceKeep {
  readonly threshold: number;
  /** One mask per layer: 1 is kept, 0 is pruned. */
  readonly masks: readonly Uint8Array[];
  /** The widths that the scripts record; their masks may keep another number of channels. */
  readonly widths: readonly number[];
}

const count = (mask: Uint8Array): number => mask.reduce((sum, each) => sum + each, 0);

/** The channels above the threshold; if a layer has none, the channel with the largest signed gamma. */
const plainMask = (gamma: ArrayLike<number>, threshold: number): Uint8Array => {
  const values = Array.from(gamma);
  const mask = Uint8Array.from(values, (value) => (Math.abs(value) > threshold ? 1 : 0));
  if (count(mask) === 0) mask[values.indexOf(Math.max(...values))] = 1;
  return mask;
};

/**
 * Rounds the number of kept channels to the nearest multiple of `base` (half-way rounds up, at most the layer's width) and
 * keeps every |gamma| that is at least the smallest fitting one, so ties stay. Fewer than `base` channels stay unchanged.
 * Example: gammas 5 4 3 3 with three kept and a base of 2 become 4; two kept with a base of 2 stay two.
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
export const referenceKeep = (
  gammas: readonly ArrayLike<number>[],
  percent: number,
  bases: readonly number[],
): ReferenceKeep => {
  const magnitudes = gammas.map((gamma) => Float64Array.from(gamma, Math.abs));
  const threshold = globalThreshold(magnitudes, percent);
  const layers = gammas.map((gamma, index) => {
    const mask = plainMask(gamma, threshold);
    const base = bases[index] as number;
    return base > 1 ? toMultiple(gamma, mask, base) : { mask, width: count(mask) };
  });
  return {
    threshold,
    masks: layers.map(({ mask }) => mask),
    widths: layers.map(({ width }) => width),
  };
};

/**
 * The base of each layer except the last in gc_prune.py: the least common multiple of the groups of this convolution and the
 * next. Example: groups 1 2 16 give 2 and 16.
 */
export const referenceBases = (groups: readonly number[]): number[] =>
  groups.slice(0, -1).map((own, index) => lcm(own, groups[index + 1] as number));
