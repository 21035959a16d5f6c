import { z } from "zod";
import { option } from "../../base/option-reference.js";

/** Schemas that parse numbers from the text of the command line, with errors in plain words. */

const number = (expected: string, accepts: (value: number) => boolean) =>
  z.preprocess(
    (raw) => (typeof raw === "string" && raw.trim() !== "" ? Number(raw) : raw),
    z.custom<number>((value) => typeof value === "number" && accepts(value), {
      error: `expected ${expected}`,
    }),
  );

/** A whole number from `least` to `most`. */
export const wholeNumber = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  number(
    most === Number.MAX_SAFE_INTEGER
      ? `a whole number of at least ${least}`
      : `a whole number from ${least} to ${most}`,
    (value) => Number.isSafeInteger(value) && value >= least && value <= most,
  );

export const positiveNumber = () =>
  number("a number above 0", (value) => Number.isFinite(value) && value > 0);

/** A number that fits, or a word in its place. @param expected what the number has to be */
const numberOr = <W extends string>(word: W, expected: string, fits: (value: number) => boolean) =>
  z.preprocess(
    (raw) => (typeof raw === "string" && raw.trim() !== "" && raw !== word ? Number(raw) : raw),
    z.custom<number | W>((value) => value === word || (typeof value === "number" && fits(value)), {
      error: `expected ${expected}, or ${word}`,
    }),
  );

/** A number above 0, or a word in its place. */
export const positiveNumberOr = <W extends string>(word: W) =>
  numberOr(word, "a number above 0", (value) => value > 0 && Number.isFinite(value));

/** A whole number of at least 0, or a word in its place. */
export const countOr = <W extends string>(word: W) =>
  numberOr(
    word,
    "a whole number of at least 0",
    (value) => Number.isSafeInteger(value) && value >= 0,
  );

export const nonNegativeNumber = () =>
  number("a number of at least 0", (value) => Number.isFinite(value) && value >= 0);

/** Bits of DoReFa quantizers: 1 to 8, or 32 for full precision. */
export const bits = () =>
  number(
    "a whole number from 1 to 8, or 32 for full precision",
    (value) => value === 32 || (Number.isInteger(value) && value >= 1 && value <= 8),
  );

/** Bits of affine quantizers: 2 to 8. */
export const affineBits = () => wholeNumber(2, 8);

/** A percentage above 50 and at most 100. */
export const percentage = () =>
  number("a number above 50 and at most 100", (value) => value > 50 && value <= 100);

const listOf = (expected: string, accepts: (value: number) => boolean) =>
  z.preprocess(
    (raw) =>
      typeof raw === "string"
        ? raw.split(",").map((part) => Number(part.trim() || Number.NaN))
        : raw,
    z.custom<readonly number[]>(
      (value) => Array.isArray(value) && value.length > 0 && value.every(accepts),
      { error: `expected ${expected}` },
    ),
  );

/** Positive whole numbers separated by commas: `192,160,96`. */
export const numberList = (expected: string) =>
  listOf(expected, (value) => Number.isSafeInteger(value) && value > 0);

/** Numbers from 0 to 1 separated by commas: `0.5,0.3`. */
export const unitNumberList = (expected: string) =>
  listOf(expected, (value) => value >= 0 && value <= 1);

/** A number for each of three channels, or one for all: `0.485,0.456,0.406` or `0.5`. */
const perChannel = (expected: string, accepts: (value: number) => boolean) =>
  listOf(expected, accepts)
    .refine(({ length }) => length === 1 || length === 3, { error: `expected ${expected}` })
    .transform((values) => {
      const [red, green = red, blue = red] = values as [number, number?, number?];
      return [red, green, blue] as const;
    });

const IN_UNITS = "or one for all; pixels have values from 0 to 1";

export const channelMeans = () =>
  perChannel(`three numbers from 0 to 1, ${IN_UNITS}`, (value) => value >= 0 && value <= 1);

export const channelDeviations = () =>
  perChannel(
    `three numbers above 0 and at most 1, ${IN_UNITS}`,
    (value) => value > 0 && value <= 1,
  );

/** One of a few whole numbers of values. For a number that may be meant as bits, the error names the option for bits. */
export const wholeOf = <N extends number>(values: readonly N[], key: string, bitsKey: string) =>
  z.preprocess(
    (raw) => (typeof raw === "string" && raw.trim() !== "" ? Number(raw) : raw),
    z.custom<N>((value) => values.includes(value as N), {
      error: ({ input }) => {
        const bitsHint =
          Number.isInteger(input) && Number(input) > 0 && Number(input) <= 8
            ? ` (for ${input} ${input === 1 ? "bit" : "bits"}, use ${option(bitsKey)} ${input})`
            : "";
        return `expected ${values.join(", ").replace(/, (\d+)$/, " or $1")} as ${option(key)}${bitsHint}`;
      },
    }),
  );

/** A number from 0 to 1, ends included. */
export const unitNumber = () => number("a number from 0 to 1", (value) => value >= 0 && value <= 1);

/** A fraction above 0 and at most 1. */
export const positiveShare = () =>
  number("a fraction above 0 and at most 1", (value) => value > 0 && value <= 1);

/** A fraction between 0 and 1, exclusive. */
export const innerShare = () =>
  number("a fraction between 0 and 1, as in 0.1", (value) => value > 0 && value < 1);

/** A fraction of at least 0 and below 1. */
export const shareFromZero = () =>
  number("a fraction of at least 0 and below 1", (value) => value >= 0 && value < 1);

/** A fraction between 0 and 1, exclusive; the flag without a value (true) means `whenAlone`. */
export const shareBelowOne = (whenAlone: number) =>
  z.preprocess(
    (raw) => (raw === true ? whenAlone : raw),
    number("a fraction between 0 and 1", (value) => value > 0 && value < 1),
  );

/** A list of numbers separated by commas, or `none`. */
const listOrNone = (expected: string, accepts: (value: number) => boolean) =>
  z.preprocess(
    (raw) => (raw === "none" ? [] : raw),
    z.union([z.tuple([]), listOf(`${expected}, or none`, accepts)], {
      error: `expected ${expected}, or none`,
    }),
  );

/** Fractions above 0 and at most 1, separated by commas, or `none`. */
export const shareList = () =>
  listOrNone(
    "fractions above 0 and at most 1, separated by commas, as in 0.3,0.5",
    (value) => value > 0 && value <= 1,
  );

/** Bits from 1 to 8, separated by commas, or `none`. */
export const roundingBitsList = () =>
  listOrNone(
    "whole numbers from 1 to 8, separated by commas, as in 8,4,2",
    (value) => Number.isInteger(value) && value >= 1 && value <= 8,
  );
