import { type Case, CLASSES } from "./cases.js";

/** The output of test/export/tfjs/predict.js for a model. */
export interface Prediction {
  readonly backend: string;
  readonly input: string;
  readonly output: string;
  readonly shape: readonly number[];
  readonly logits: readonly number[];
  readonly metadata: Record<string, unknown>;
}

export interface Agreement {
  /** The largest difference of two logits, relative to the largest logit. */
  readonly worst: number;
  /** Images with such a difference above the tolerance. */
  readonly movedImages: number;
  /** Images with another class. */
  readonly otherClasses: number;
}

/** Float32 sums in another order, through a few layers. */
export const TOLERANCE = 1e-4;

const largestAt = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/** Compares TensorFlow.js's logits with qprune's own. */
export const agreementOf = ({ expected }: Case, { logits }: Prediction): Agreement => {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let [worst, movedImages, otherClasses] = [0, 0, 0];
  for (let at = 0; at < expected.length; at += CLASSES) {
    const own = [...expected.subarray(at, at + CLASSES)];
    const theirs = logits.slice(at, at + CLASSES);
    const gap = Math.max(
      ...own.map((value, one) => Math.abs(value - (theirs[one] ?? Number.NaN)) / largest),
    );
    worst = Math.max(worst, gap);
    if (!(gap <= TOLERANCE)) movedImages++;
    if (largestAt(own) !== largestAt(theirs)) otherClasses++;
  }
  return { worst, movedImages, otherClasses };
};
