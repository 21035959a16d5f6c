import type { z } from "zod";
import { type Flag, flagOf } from "../flag.js";

/** The long name of a flag: `--sparsity-regularization` for `-sr, --sparsity-regularization`. */
export const longNameOf = (flagText: string): string => /--[^\s,]+/.exec(flagText)?.[0] ?? flagText;

/** Other spellings of a flag: its kebab-case and snake_case variants, and its aliases. */
export const otherLongNames = ({ flag, aliases = [] }: Flag): string[] => {
  const longName = longNameOf(flag);
  const name = longName.slice(2);
  const variants = [`--${name.replaceAll("_", "-")}`, `--${name.replaceAll("-", "_")}`];
  return [...variants.filter((variant) => variant !== longName), ...aliases];
};

/** The keys of a schema's options by each of their long names, without dashes. */
export const keysByName = (schema: z.ZodObject): Map<string, string> => {
  const keys = new Map<string, string>();
  for (const [key, option] of Object.entries(schema.shape) as [string, z.ZodType][]) {
    const info = flagOf(option);
    // A positional argument has no flag; its key is its name.
    const names = info ? [longNameOf(info.flag), ...otherLongNames(info)] : [`--${key}`];
    for (const name of names) keys.set(name.slice(2), key);
  }
  return keys;
};
