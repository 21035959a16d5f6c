// Boxes { corners, score } of two nets, matched by their overlap.

import { overlapOf } from "./polygons.js";

const LEAST_OVERLAP = 0.5;

/** Pairs of boxes that overlap by at least a half, the best first, each box at most once. */
export const matchBoxes = (expected, found) => {
  const candidates = expected.flatMap((one) =>
    found.map((other) => ({ one, other, overlap: overlapOf(one.corners, other.corners) })),
  );
  const [left, right, pairs] = [new Set(expected), new Set(found), []];
  for (const pair of candidates.sort((a, b) => b.overlap - a.overlap)) {
    if (pair.overlap < LEAST_OVERLAP || !left.has(pair.one) || !right.has(pair.other)) continue;
    left.delete(pair.one);
    right.delete(pair.other);
    pairs.push(pair);
  }
  return { pairs, missed: [...left], added: [...right] };
};
