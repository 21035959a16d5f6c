import type { z } from "zod";
import { flagOf } from "../options/flag.js";
import { longNameOf, otherLongNames } from "../options/names/option-names.js";

/**
 * Spellings that a command accepts in addition to those in its help, with the spelling in the help: kebab-case and
 * snake_case variants, aliases, and short flags of two letters, which commander does not support.
 */
export const alternativeSpellings = (schema: z.ZodObject): Map<string, string> => {
  const spellings = new Map<string, string>();
  for (const option of Object.values(schema.shape) as z.ZodType[]) {
    const info = flagOf(option);
    if (!info) continue;
    const longName = longNameOf(info.flag);
    const short = /^-[^-][^\s,]+/.exec(info.flag)?.[0];
    for (const other of [...otherLongNames(info), ...(short ? [short] : [])]) {
      spellings.set(other, longName);
    }
  }
  return spellings;
};

/** Rewrites flags to the spellings that commander knows, up to `--`; values after `=` are kept. */
export const normalizeArgv = (
  argv: readonly string[],
  spellings: ReadonlyMap<string, string>,
): string[] => {
  const end = argv.indexOf("--");
  return argv.map((argument, index) => {
    if (end >= 0 && index >= end) return argument;
    const [name = "", ...value] = argument.split("=");
    const known = spellings.get(name);
    return known === undefined ? argument : [known, ...value].join("=");
  });
};
