import { type FoundBox, overlap } from "./box.js";

export interface SuppressionOptions {
  /** Boxes of one class that overlap more than this are the same object. */
  readonly maxOverlap: number;
  /** Boxes to keep at most. */
  readonly most: number;
}

/**
 * Non-maximum suppression within each class: of boxes that overlap by more than `maxOverlap`, only the one with the highest score
 * remains (Girshick et al. 2014, section 2.2). Returns the best boxes, the highest score first; equal scores keep their order.
 */
export const suppressOverlaps = (
  found: readonly FoundBox[],
  { maxOverlap, most }: SuppressionOptions,
): FoundBox[] => {
  const kept: FoundBox[] = [];
  for (const box of [...found].sort((a, b) => b.score - a.score)) {
    if (kept.length >= most) break;
    const isNew = kept.every(
      (other) => other.label !== box.label || overlap(other, box) <= maxOverlap,
    );
    if (isNew) kept.push(box);
  }
  return kept;
};
