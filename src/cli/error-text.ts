import type { z } from "zod";
import type { QpruneError } from "../base/errors.js";
import { withOptionNames } from "../base/option-reference.js";
import { flagOf } from "../options/flag.js";
import { longNameOf } from "../options/names/option-names.js";
import { flagAdvice } from "./advice-by-error-code.js";

/** The flag of an option, such as `--lr-drops`. Also works for options that are not in the schema. */
export const flagName = (key: string, schema?: z.ZodObject): string => {
  const option = schema?.shape[key] as z.ZodType | undefined;
  if (!option) return `--${key.replaceAll("_", "-")}`;
  const flag = flagOf(option)?.flag;
  // A positional argument has no flag.
  return flag === undefined ? key : longNameOf(flag);
};

/** Message and hint of an error for the command line: options are named by their flags, and hints may come from flag-advice. */
export const errorText = (
  error: QpruneError,
  schema?: z.ZodObject,
): { readonly message: string; readonly hint: string | undefined } => {
  const inFlags = (text: string): string => withOptionNames(text, (key) => flagName(key, schema));
  const hint = flagAdvice(error) ?? error.template.hint;
  return { message: inFlags(error.template.message), hint: hint && inFlags(hint) };
};
