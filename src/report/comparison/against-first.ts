import type { ComparedNet, ComparedTest } from "./comparison.js";
import { mcnemarP } from "./mcnemar.js";

/** Differences of accuracy that are this likely without any cause are taken for chance. */
const SIGNIFICANCE = 0.05;

/** A net's accuracy less that of the first one, on the same images. */
export interface AccuracyAgainstFirst {
  /** Percentage points. */
  readonly points: number;
  /** Images that the first net has wrong and this one right, and the other way round. */
  readonly becameRight: number;
  readonly becameWrong: number;
  /** Of McNemar's exact test. */
  readonly pValue: number;
  /** True where such a difference is no rarer than one in twenty between nets that are equally good. */
  readonly isWithinChance: boolean;
}

/** What a net is beside the first one; a ratio is the first one's number over the net's: 2 is half as much. */
export interface AgainstFirst {
  /** Null where there are no images. */
  readonly accuracy: AccuracyAgainstFirst | null;
  readonly packedRatio: number;
  readonly macsRatio: number;
  readonly peakActivationRatio: number;
}

const accuracyAgainst = (first: ComparedTest, own: ComparedTest): AccuracyAgainstFirst => {
  const { becameRight, becameWrong } = own;
  const pValue = mcnemarP(becameRight, becameWrong);
  return {
    points: own.accuracy - first.accuracy,
    becameRight,
    becameWrong,
    pValue,
    isWithinChance: pValue >= SIGNIFICANCE,
  };
};

/** A net beside the first one. */
export const againstFirst = (first: ComparedNet, net: ComparedNet): AgainstFirst => ({
  accuracy: first.test && net.test && accuracyAgainst(first.test, net.test),
  packedRatio: first.packedBytes / net.packedBytes,
  macsRatio: first.macs / net.macs,
  peakActivationRatio: first.peakActivationBytes / net.peakActivationBytes,
});
