/**
 * How a net computes: in float32, or with the operands of convolutions rounded to bfloat16 and maps between layers stored in it (see
 * storagesOf). Sums are float32 either way.
 */
export const precisions = ["float32", "bf16"] as const;
export type Precision = (typeof precisions)[number];
