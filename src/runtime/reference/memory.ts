import { type Plan, type PlanValue, type ValueIndex, valueBytes } from "../plan/plan.js";

/** Where the values of a plan are. */
export interface Memory {
  readonly buffer: ArrayBufferLike;
  /** Where the arena starts, in bytes. */
  readonly base: number;
}

/** The numbers of a stored value: floats or codes. */
export type Numbers = Float32Array | Uint8Array;

/** A value with its numbers. */
export interface Stored extends PlanValue {
  readonly numbers: Numbers;
}

/** Views of a value in memory. */
export const storedValue = (
  { values }: Plan,
  { buffer, base }: Memory,
  index: ValueIndex,
): Stored => {
  const value = values[index] as PlanValue;
  const [at, bytes] = [base + value.offset, valueBytes(value)];
  const numbers =
    value.format.kind === "floats"
      ? new Float32Array(buffer, at, bytes / Float32Array.BYTES_PER_ELEMENT)
      : new Uint8Array(buffer, at, bytes);
  return { ...value, numbers };
};
