/** The number of steps of a k-bit grid on [0, 1]: n = 2^k - 1. */
export const levelsOf = (bits: number): number => 2 ** bits - 1;

/** The threshold of ternary weights as a share of mean|w| per filter (TWN, Li et al. 2016, eq. 6). */
export const TERNARY_THRESHOLD_SHARE = 0.7;
