import { type Tensor, tf } from "../../tensor/tf.js";
import { TERNARY_THRESHOLD_SHARE } from "../numbers/grids.js";
import { FILTER_AXES, filterMagnitude } from "./filters.js";

/** The threshold of each filter, 0.7 mean|w|: [1, 1, 1, cOut]. */
export const ternaryThreshold = (w: Tensor): Tensor =>
  tf.tidy(() => tf.mul(filterMagnitude(w), TERNARY_THRESHOLD_SHARE));

/** A band below the threshold in which a weight keeps its last code. */
export interface HysteresisBand {
  /** The band reaches from this share of the threshold up to the threshold. */
  readonly ratio: number;
  /** The codes of the last step; null at the start, when a weight in the band becomes 0. */
  readonly lastCodes: Tensor | null;
}

/**
 * The codes of ternary weights: sign(w) where |w| is at least the threshold of the filter, otherwise 0. With a band, a
 * weight with ratio threshold <= |w| < threshold keeps its last code. A filter of zeros stays 0.
 *
 * @param w latent weights [kh, kw, cIn / groups, cOut]; the codes have the same shape
 */
export const ternaryCodes = (w: Tensor, band?: HysteresisBand): Tensor =>
  tf.tidy(() => {
    const magnitude = tf.abs(w);
    const threshold = ternaryThreshold(w);
    const isLarge = tf.greaterEqual(magnitude, threshold);
    const codes = tf.where(isLarge, tf.sign(w), tf.zerosLike(w));
    if (!band?.lastCodes) return codes;
    const isInBand = tf.logicalAnd(
      tf.greaterEqual(magnitude, tf.mul(threshold, band.ratio)),
      tf.logicalNot(isLarge),
    );
    return tf.where(isInBand, band.lastCodes, codes);
  });

/**
 * alpha of each filter: the mean of the |w| above the threshold, or 0 if there is none (TWN, eq. 5). A weight equal to the
 * threshold does not count (rule of the reference scripts). Shape [1, 1, 1, cOut].
 */
export const ternaryAlpha = (w: Tensor): Tensor =>
  tf.tidy(() => {
    const magnitude = tf.abs(w);
    const counts = tf.cast(tf.greater(magnitude, ternaryThreshold(w)), "float32");
    const count = tf.sum(counts, FILTER_AXES, true);
    return tf.div(tf.sum(tf.mul(magnitude, counts), FILTER_AXES, true), tf.maximum(count, 1));
  });

/**
 * Ternary weights (TWN, Li et al. 2016).
 *
 * Forward, with the threshold 0.7 mean|w| of each filter (eq. 6): q = code in {-1, 0, 1} by {@link ternaryCodes}; with
 * `hasAlpha` q = alpha code, alpha by {@link ternaryAlpha} (eq. 5).
 *
 * Gradient: straight through, dw = dq (Bengio et al. 2013).
 *
 * @param w latent weights [kh, kw, cIn / groups, cOut]; the result has the same shape
 */
export const quantizeTernaryWeights = (
  w: Tensor,
  hasAlpha: boolean,
  band?: HysteresisBand,
): Tensor =>
  tf.tidy(() => {
    const codes = ternaryCodes(w, band);
    return hasAlpha ? tf.mul(codes, ternaryAlpha(w)) : codes;
  });
