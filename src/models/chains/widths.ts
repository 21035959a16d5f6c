import { lcm } from "../../base/divisors.js";
import { QpruneError, usageError } from "../../base/errors.js";
import { MAX_WIDTH } from "../../graph/limits.js";
import type { ConvSpec } from "./chain-spec.js";

type Grouping = Pick<ConvSpec, "groups" | "shuffle">;

/**
 * The number of which the width of convolution `index` must be a multiple: the least common multiple of its own groups and of
 * the groups and the shuffle of the next convolution.
 * Example: conv 3 of NIN-GC has 16 groups; conv 4 shuffles by 16 and has 4 groups, so the base is 16.
 */
export const widthBase = (convs: readonly Grouping[], index: number): number => {
  const own = convs[index]?.groups ?? 1;
  const consumer = convs[index + 1];
  return consumer ? lcm(own, lcm(consumer.groups, consumer.shuffle)) : own;
};

/**
 * Checks that widths fit the groups of a net.
 * @throws QpruneError (usage) that names every width that does not fit, with the nearest ones that do.
 */
export const checkWidths = (
  arch: string,
  convs: readonly Grouping[],
  widths: readonly number[],
): void => {
  if (widths.length !== convs.length - 1) {
    const count = convs.length - 1;
    const example = convs
      .slice(1)
      .map((_, index) => 32 * widthBase(convs, index))
      .join(",");
    throw usageError(
      `${arch} has ${count} widths (one for each convolution except the last), but ${widths.length} were given: ${widths.join(",")}`,
      `Give ${count} numbers, such as ${example}.`,
      { code: "wrong-number-of-widths", details: { count, example } },
    );
  }
  const misfits = widths.flatMap((width, index) => {
    const base = widthBase(convs, index);
    if (width > MAX_WIDTH)
      return [`width ${index + 1} is ${width}, but the largest possible is ${MAX_WIDTH}`];
    if (width % base === 0) return [];
    const below = Math.floor(width / base) * base;
    const nearest = below === 0 ? [base] : [below, below + base];
    return [
      `width ${index + 1} is ${width}, but must be a multiple of ${base} (nearest: ${nearest.join(" or ")})`,
    ];
  });
  if (misfits.length > 0) {
    throw new QpruneError(`The widths do not fit the groups of ${arch}: ${misfits.join("; ")}.`, {
      kind: "usage",
      hint: "A width must be divisible by the groups of its own and of the next convolution, and of the shuffle between them.",
    });
  }
};
