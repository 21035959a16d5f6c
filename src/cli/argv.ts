import type { z } from "zod";
import { flagOf } from "../options/flag.js";
import { longNameOf, otherLongNames } from "../options/option-names.js";

/**
 * The spellings that a command accepts beside those in its help, each with the one that is meant:
 * kebab-case and snake_case twins, aliases, and short flags of two letters, which commander refuses.
 */
export const alternativeSpellings = (schema: z.ZodObject): Map<string, string> => {
  const spellings = new Map<string, string>();
  for (const option of Object.values(schema.shape) as z.ZodType[]) {
    const look = flagOf(option);
    if (!look) continue;
    const longName = longNameOf(look.flag);
    const short = /^-[^-][^\s,]+/.exec(look.flag)?.[0];
    for (const other of [...otherLongNames(look), ...(short ? [short] : [])]) {
      spellings.set(other, longName);
    }
  }
  return spellings;
};

/** Rewrites argv to the spellings that commander knows; a value behind `=` stays, and `--` ends it. */
export const normaliseArgv = (
  argv: readonly string[],
  spellings: ReadonlyMap<string, string>,
): string[] => {
  const end = argv.indexOf("--");
  return argv.map((argument, at) => {
    if (end >= 0 && at >= end) return argument;
    const [name = "", ...value] = argument.split("=");
    const meant = spellings.get(name);
    return meant === undefined ? argument : [meant, ...value].join("=");
  });
};
