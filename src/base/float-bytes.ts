/** Bytes of a float32. */
export const FLOAT_BYTES = 4;
