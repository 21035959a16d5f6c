import type { Box } from "../../../boxes/box.js";

/** A generalized overlap, and its derivatives by the center and the sides of the first box. */
export interface OverlapGradient {
  /** From -1 to 1: intersection over union, minus the share of the enclosing box that neither box covers. */
  readonly value: number;
  readonly byX: number;
  readonly byY: number;
  readonly byWidth: number;
  readonly byHeight: number;
}

/** The shared and the enclosing length of two intervals, with their derivatives by the ends of the first. */
const alongAxis = (start: number, length: number, otherStart: number, otherLength: number) => {
  const [end, otherEnd] = [start + length, otherStart + otherLength];
  const shared = Math.min(end, otherEnd) - Math.max(start, otherStart);
  const isShared = shared > 0;
  return {
    length,
    shared: isShared ? shared : 0,
    sharedByStart: isShared && start > otherStart ? -1 : 0,
    sharedByEnd: isShared && end < otherEnd ? 1 : 0,
    around: Math.max(end, otherEnd) - Math.min(start, otherStart),
    aroundByStart: start < otherStart ? -1 : 0,
    aroundByEnd: end > otherEnd ? 1 : 0,
  };
};

type Axis = ReturnType<typeof alongAxis>;

/**
 * The generalized intersection over union of two boxes (Rezatofighi et al. 2019, "Generalized Intersection over Union", algorithm 1)
 * with its gradient by the first one. With intersection I, union U and enclosing area C it is I / U - 1 + U / C.
 */
export const generalizedOverlap = (box: Box, truth: Box): OverlapGradient => {
  const x = alongAxis(box.left, box.width, truth.left, truth.width);
  const y = alongAxis(box.top, box.height, truth.top, truth.height);
  const intersection = x.shared * y.shared;
  const union = box.width * box.height + truth.width * truth.height - intersection;
  const enclosing = x.around * y.around;
  const along = (axis: Axis, across: Axis) => {
    const byEnd = (isStart: boolean): number => {
      const dI = (isStart ? axis.sharedByStart : axis.sharedByEnd) * across.shared;
      const dU = (isStart ? -across.length : across.length) - dI;
      const dC = (isStart ? axis.aroundByStart : axis.aroundByEnd) * across.around;
      return (
        dI / union -
        (intersection * dU) / union ** 2 +
        dU / enclosing -
        (union * dC) / enclosing ** 2
      );
    };
    const [start, end] = [byEnd(true), byEnd(false)];
    return { byCenter: start + end, bySide: (end - start) / 2 };
  };
  const [ofX, ofY] = [along(x, y), along(y, x)];
  return {
    value: intersection / union - 1 + union / enclosing,
    byX: ofX.byCenter,
    byY: ofY.byCenter,
    byWidth: ofX.bySide,
    byHeight: ofY.bySide,
  };
};
