import { type Tensor, tf } from "../../tensor/tf.js";
import { TERNARY_THRESHOLD_SHARE } from "../numbers/grids.js";
import { FILTER_AXES, filterMagnitude } from "./filters.js";

/** The threshold of each filter, 0.7 mean|w|: [1, 1, 1, cOut]. */
export const ternaryThreshold = (w: Tensor): Tensor =>
  tf.tidy(() => tf.mul(filterMagnitude(w), TERNARY_THRESHOLD_SHARE));

/** A band below the threshold in which a weight keeps the code it had. */
export interface TernaryGap {
  /** The band reaches from this share of the threshold up to it. */
  readonly ratio: number;
  /** The codes of the last step; null at the start, where a weight in the band becomes 0. */
  readonly previous: Tensor | null;
}

/**
 * The codes -1, 0, 1: sign(w) where |w| is at least the threshold, else 0; with a gap a weight between
 * `ratio` threshold and the threshold keeps its last code. A filter of zeros stays 0.
 * w: [kh, kw, cIn / groups, cOut]; the codes have its shape.
 */
export const ternaryCodes = (w: Tensor, gap?: TernaryGap): Tensor =>
  tf.tidy(() => {
    const magnitude = tf.abs(w);
    const threshold = ternaryThreshold(w);
    const isLarge = tf.greaterEqual(magnitude, threshold);
    const codes = tf.where(isLarge, tf.sign(w), tf.zerosLike(w));
    if (!gap?.previous) return codes;
    const isInGap = tf.logicalAnd(
      tf.greaterEqual(magnitude, tf.mul(threshold, gap.ratio)),
      tf.logicalNot(isLarge),
    );
    return tf.where(isInGap, gap.previous, codes);
  });

/**
 * alpha of each filter (TWN, eq. 5): the mean of the |w| above the threshold; a weight equal to it does
 * not count (the original's rule); 0 where there is none. [1, 1, 1, cOut].
 */
export const ternaryAlpha = (w: Tensor): Tensor =>
  tf.tidy(() => {
    const magnitude = tf.abs(w);
    const counts = tf.cast(tf.greater(magnitude, ternaryThreshold(w)), "float32");
    const count = tf.sum(counts, FILTER_AXES, true);
    return tf.div(tf.sum(tf.mul(magnitude, counts), FILTER_AXES, true), tf.maximum(count, 1));
  });

/** Ternary weights: codes times alpha where asked for. Their gradient passes straight through. */
export const quantizeTernaryWeights = (w: Tensor, hasAlpha: boolean, gap?: TernaryGap): Tensor =>
  tf.tidy(() => {
    const codes = ternaryCodes(w, gap);
    return hasAlpha ? tf.mul(codes, ternaryAlpha(w)) : codes;
  });
