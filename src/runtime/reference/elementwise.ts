import { codeValue, type PlanStepOf } from "../plan/plan.js";
import type { Stored } from "./memory.js";
import { shuffledPositions, tailFunction } from "./tail.js";

const { fround } = Math;

const BYTE_VALUES = 256;

/** Norm, activation or quantizer of a stored value. */
export const tailStep = ({ tail }: PlanStepOf<"tail">, x: Stored, y: Stored): (() => void) => {
  const [, , channels] = x.shape;
  const finish = tailFunction(tail);
  const positions = shuffledPositions(channels, tail.shuffleGroups);
  return () => {
    for (let at = 0; at < x.numbers.length; at += channels)
      for (let channel = 0; channel < channels; channel++)
        y.numbers[at + (positions[channel] as number)] = finish(
          x.numbers[at + channel] as number,
          channel,
        );
  };
};

/** The value of every code of a format, in float32. */
export const codeValues = ({ format }: Pick<Stored, "format">): Float32Array => {
  if (format.kind === "floats") return new Float32Array(BYTE_VALUES);
  return Float32Array.from({ length: BYTE_VALUES }, (_, code) => codeValue(format, code));
};

/** Codes as the floats that they mean. */
export const valuesStep = (x: Stored, y: Stored): (() => void) => {
  const values = codeValues(x);
  return () => {
    for (let at = 0; at < x.numbers.length; at++)
      y.numbers[at] = values[x.numbers[at] as number] as number;
  };
};

/** Sums, from the first input to the last. */
export const addStep =
  (xs: readonly Stored[], y: Stored): (() => void) =>
  () => {
    for (let at = 0; at < y.numbers.length; at++) {
      let sum = xs[0]?.numbers[at] as number;
      for (let index = 1; index < xs.length; index++)
        sum = fround(sum + (xs[index]?.numbers[at] as number));
      y.numbers[at] = sum;
    }
  };

/** Products of two values of one shape, or of maps and a factor per channel. */
export const multiplyStep =
  ([x, factor]: readonly [Stored, Stored], y: Stored): (() => void) =>
  () => {
    const { length } = factor.numbers;
    for (let at = 0; at < y.numbers.length; at++)
      y.numbers[at] = (x.numbers[at] as number) * (factor.numbers[at % length] as number);
  };

/** x where x > 0, otherwise slope x. */
export const preluStep =
  ({ slope }: PlanStepOf<"prelu">, x: Stored, y: Stored): (() => void) =>
  () => {
    const [, , channels] = x.shape;
    for (let at = 0; at < x.numbers.length; at++) {
      const value = x.numbers[at] as number;
      const own = slope[slope.length === 1 ? 0 : at % channels] as number;
      y.numbers[at] = value > 0 ? value : value * own;
    }
  };

/** Shares of exponentials, with the largest value subtracted. */
export const softmaxStep =
  (x: Stored, y: Stored): (() => void) =>
  () => {
    let largest = Number.NEGATIVE_INFINITY;
    for (const value of x.numbers) largest = Math.max(largest, value);
    let sum = 0;
    for (let at = 0; at < x.numbers.length; at++) {
      y.numbers[at] = Math.exp(fround((x.numbers[at] as number) - largest));
      sum = fround(sum + (y.numbers[at] as number));
    }
    for (let at = 0; at < y.numbers.length; at++) y.numbers[at] = (y.numbers[at] as number) / sum;
  };
