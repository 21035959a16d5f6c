import { z } from "zod";

/** What argv gives is text; these schemas turn it into numbers and say in plain words what they take. */

const number = (expected: string, accepts: (value: number) => boolean) =>
  z.preprocess(
    (raw) => (typeof raw === "string" && raw.trim() !== "" ? Number(raw) : raw),
    z.custom<number>((value) => typeof value === "number" && accepts(value), {
      error: `expected ${expected}`,
    }),
  );

/** A whole number of at least `least` and at most `most`. */
export const wholeNumber = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  number(
    most === Number.MAX_SAFE_INTEGER
      ? `a whole number of at least ${least}`
      : `a whole number from ${least} to ${most}`,
    (value) => Number.isSafeInteger(value) && value >= least && value <= most,
  );

export const positiveNumber = () =>
  number("a number above 0", (value) => Number.isFinite(value) && value > 0);

export const nonNegativeNumber = () =>
  number("a number of at least 0", (value) => Number.isFinite(value) && value >= 0);

/** Bits of DoReFa: 1 to 8, or 32. */
export const bits = () =>
  number(
    "a whole number from 1 to 8, or 32 for full precision",
    (value) => value === 32 || (Number.isInteger(value) && value >= 1 && value <= 8),
  );

/** Positive whole numbers with commas between: `192,160,96`. */
export const numberList = (expected: string) =>
  z.preprocess(
    (raw) =>
      typeof raw === "string"
        ? raw.split(",").map((part) => Number(part.trim() || Number.NaN))
        : raw,
    z.custom<readonly number[]>(
      (value) =>
        Array.isArray(value) &&
        value.length > 0 &&
        value.every((each) => Number.isSafeInteger(each) && each > 0),
      { error: `expected ${expected}` },
    ),
  );
