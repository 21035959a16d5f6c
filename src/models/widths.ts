import { QpruneError } from "../base/errors.js";
import { MAX_WIDTH } from "./limits.js";
import type { ConvSpec } from "./spec.js";

type Grouping = Pick<ConvSpec, "groups" | "shuffle">;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
/** The least common multiple of two counts. */
export const lcm = (a: number, b: number): number => (a / gcd(a, b)) * b;

/**
 * What the width of convolution `at` must be a multiple of: the least common multiple of its own groups
 * and of the groups and the shuffle of the convolution that reads it.
 * Example: conv 3 of NIN-GC has 16 groups; conv 4 shuffles by 16 and has 4 groups, so the base is 16.
 */
export const widthBase = (convs: readonly Grouping[], at: number): number => {
  const own = convs[at]?.groups ?? 1;
  const reader = convs[at + 1];
  return reader ? lcm(own, lcm(reader.groups, reader.shuffle)) : own;
};

/**
 * Refuses widths that do not fit a net's groups.
 * @throws QpruneError naming every width that does not fit, with the nearest ones that do.
 */
export const checkWidths = (
  arch: string,
  convs: readonly Grouping[],
  widths: readonly number[],
): void => {
  if (widths.length !== convs.length - 1) {
    throw new QpruneError(
      `${arch} has ${convs.length - 1} widths (one per convolution but the last), but ${widths.length} were given: ${widths.join(",")}`,
      {
        kind: "usage",
        hint: `Give ${convs.length - 1} numbers, as in --cfg ${convs
          .slice(1)
          .map((_, at) => 32 * widthBase(convs, at))
          .join(",")}.`,
      },
    );
  }
  const misfits = widths.flatMap((width, at) => {
    const base = widthBase(convs, at);
    if (width > MAX_WIDTH)
      return [`width ${at + 1} is ${width}, but at most ${MAX_WIDTH} are taken`];
    if (width % base === 0) return [];
    const below = Math.floor(width / base) * base;
    const nearest = below === 0 ? [base] : [below, below + base];
    return [
      `width ${at + 1} is ${width}, but must be a multiple of ${base} (nearest: ${nearest.join(" or ")})`,
    ];
  });
  if (misfits.length > 0) {
    throw new QpruneError(`The widths do not fit the groups of ${arch}: ${misfits.join("; ")}.`, {
      kind: "usage",
      hint: "A width must be divisible by the groups of its own convolution, of the next, and of the shuffle between them.",
    });
  }
};
