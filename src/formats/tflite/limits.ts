/** Tables and vectors of all tensors and operators that are read (CWE-400); offsets may point at one table again and again. */
export const MAX_PARTS = 1_000_000;

/** Bytes of all names (CWE-770). */
export const MAX_TEXT_BYTES = 16_000_000;

/** Elements of a vector of tables or indices (CWE-770). */
export const MAX_VECTOR = 200_000;

/** Dimensions of a tensor (CWE-770). */
export const MAX_RANK = 16;
