import {
  numberBytes,
  type Plan,
  type PlanValue,
  type ValueIndex,
  valueBytes,
} from "../plan/plan.js";

/** Where the values of a plan are. */
export interface Memory {
  readonly buffer: ArrayBufferLike;
  /** Where the arena starts, in bytes. */
  readonly base: number;
}

/** The numbers of a stored value: floats or codes. */
export type Numbers = Float32Array | Uint8Array | Uint16Array;

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
  const size = numberBytes(value.format);
  const [at, count] = [base + value.offset, valueBytes(value) / size];
  switch (size) {
    case 4:
      return { ...value, numbers: new Float32Array(buffer, at, count) };
    case 2:
      return { ...value, numbers: new Uint16Array(buffer, at, count) };
    case 1:
      return { ...value, numbers: new Uint8Array(buffer, at, count) };
  }
};
