import type { z } from "zod";
import { type Flag, flagOf } from "./flag.js";

/** The name of a flag: the long one. Example: `-sr, --sparsity-regularization` gives the latter. */
export const longNameOf = (flagText: string): string => /--[^\s,]+/.exec(flagText)?.[0] ?? flagText;

/** Other spellings of a long flag: snake_case for kebab-case and the other way round, and its aliases. */
export const otherLongNames = ({ flag, aliases = [] }: Flag): string[] => {
  const longName = longNameOf(flag);
  const name = longName.slice(2);
  const twins = [`--${name.replaceAll("_", "-")}`, `--${name.replaceAll("-", "_")}`];
  return [...twins.filter((twin) => twin !== longName), ...aliases];
};

/** The key of each option of a schema by every long name that it goes by, without the dashes. */
export const keysByName = (schema: z.ZodObject): Map<string, string> => {
  const keys = new Map<string, string>();
  for (const [key, option] of Object.entries(schema.shape) as [string, z.ZodType][]) {
    const look = flagOf(option);
    // An argument has no flag; its key is its name.
    const names = look ? [longNameOf(look.flag), ...otherLongNames(look)] : [`--${key}`];
    for (const name of names) keys.set(name.slice(2), key);
  }
  return keys;
};
