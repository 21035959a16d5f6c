/** The numbers that convolutions multiply: float32, or operands rounded to bfloat16. Sums are float32 either way. */
export const precisions = ["float32", "bf16"] as const;
export type Precision = (typeof precisions)[number];
