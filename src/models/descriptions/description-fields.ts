import { z } from "zod";
import { quoted } from "../../base/visible-text.js";

// Schemas for files that people write by hand: each error names what was expected and what was found.

const MAX_SHOWN_KEYS = 5;

const instead = (value: unknown): string => {
  if (value === undefined) return " (it is missing)";
  if (typeof value === "string") return `, not ${quoted(value)}`;
  if (Array.isArray(value)) return ", not a list";
  return typeof value === "object" && value !== null ? ", not an object" : `, not ${value}`;
};

/** The error message of a field. */
export const expected =
  (what: string) =>
  ({ input }: { readonly input?: unknown }): string =>
    `expected ${what}${instead(input)}`;

export const numberThat = (what: string, accepts: (value: number) => boolean) =>
  z.custom<number>((value) => typeof value === "number" && accepts(value), {
    error: expected(what),
  });

const isWhole = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

export const whole = (least: number, most: number) =>
  numberThat(`a whole number from ${least} to ${most}`, (value) => isWhole(value, least, most));

/** One whole number, or a list of as many as one of `lengths`. */
export const wholeOrLists = <T>({
  least,
  most,
  lengths,
  words = [],
}: {
  readonly least: number;
  readonly most: number;
  readonly lengths: readonly number[];
  /** Texts that are possible, too. */
  readonly words?: readonly string[];
}) =>
  z.custom<T>(
    (value) => {
      if (typeof value === "string") return words.includes(value);
      if (!Array.isArray(value)) return isWhole(value, least, most);
      return lengths.includes(value.length) && value.every((each) => isWhole(each, least, most));
    },
    {
      error: expected(
        [
          ...words.map((word) => `"${word}"`),
          `a whole number from ${least} to ${most}`,
          `a list of ${lengths.join(" or ")} such numbers`,
        ].join(", or "),
      ),
    },
  );

export const range = (least: number, most: number) =>
  numberThat(`a number from ${least} to ${most}`, (value) => value >= least && value <= most);

export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: expected(values.map((value) => `"${value}"`).join(" or ")) });

export const textThat = (what: string, pattern: RegExp) =>
  z.string({ error: expected(what) }).regex(pattern, { error: expected(what) });

export const yesOrNo = () => z.boolean({ error: expected("true or false") });

/** A list of `least` to `most` items. */
export const listOf = <T extends z.ZodType>(
  item: T,
  { name, least, most }: { readonly name: string; readonly least: number; readonly most: number },
) => {
  const count = `expected ${least} to ${most} ${name}`;
  return z
    .array(item, { error: expected(`a list of ${name}`) })
    .min(least, { error: ({ input }) => `${count}, not ${(input as unknown[]).length}` })
    .max(most, { error: ({ input }) => `${count}, not ${(input as unknown[]).length}` })
    .readonly();
};

/** An object whose unknown fields are refused. */
export const fields = <S extends z.ZodRawShape>(shape: S) =>
  z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return expected("an object")(issue);
      const keys = issue.keys.slice(0, MAX_SHOWN_KEYS).map(quoted).join(", ");
      return `there is no field ${keys}; the fields are ${Object.keys(shape).join(", ")}`;
    },
  });
