import type { ComparedNet, ComparedTest } from "./comparison.js";
import { mcnemarP } from "./mcnemar.js";

/** A difference of accuracy that is at least this likely without any cause counts as chance. */
const SIGNIFICANCE = 0.05;

/** The difference between a net's accuracy and that of the first net, on the same images. */
export interface AccuracyAgainstFirst {
  /** Percentage points. */
  readonly points: number;
  /** Images that the first net classifies wrongly and this one correctly, and the reverse. */
  readonly becameRight: number;
  readonly becameWrong: number;
  /** The p-value of McNemar's exact test. */
  readonly pValue: number;
  /** True if equally good nets differ as much in at least one of twenty cases. */
  readonly isWithinChance: boolean;
}

/** A net compared with the first one. A ratio is the first net's number over this one's: 2 means half as much. */
export interface AgainstFirst {
  /** Null without images. */
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

/** Compares a net with the first one. */
export const againstFirst = (first: ComparedNet, net: ComparedNet): AgainstFirst => ({
  accuracy: first.test && net.test && accuracyAgainst(first.test, net.test),
  packedRatio: first.packedBytes / net.packedBytes,
  macsRatio: first.macs / net.macs,
  peakActivationRatio: first.peakActivationBytes / net.peakActivationBytes,
});
