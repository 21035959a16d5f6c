import type { z } from "zod";
import { flagOf } from "../flag.js";
import { longNameOf } from "./option-names.js";
import { type OptionText, type OptionValue, optionText } from "./option-text.js";

/** A flag with its value; a value that could be mistaken for a flag is joined by an equals sign. */
const flagWords = (option: z.ZodType, value: OptionText): string[] => {
  const info = flagOf(option);
  if (!info) return [];
  const name = longNameOf(info.flag);
  if (value === true) return [name];
  if (value === false) return info.negatable ? [name.replace(/^--/, "--no-")] : [];
  const isValueOptional = info.flag.includes("[");
  return isValueOptional || value.startsWith("-") ? [`${name}=${value}`] : [name, value];
};

/** The words of a positional argument: one for each item of a list. */
const argumentWords = (value: OptionValue): string[] =>
  Array.isArray(value) ? value.map(String) : [String(value)];

/**
 * A command line with the given options, arguments first, then flags. It is for showing and recording only; qprune
 * never parses it. An empty list is written as `none`.
 */
export const commandWords = (
  command: string,
  schema: z.ZodObject,
  values: readonly (readonly [key: string, value: OptionValue])[],
): string[] => {
  const isArgument = (key: string): boolean => !flagOf(schema.shape[key] as z.ZodType);
  return [
    command,
    ...values.flatMap(([key, value]) => (isArgument(key) ? argumentWords(value) : [])),
    ...values.flatMap(([key, value]) => {
      if (isArgument(key)) return [];
      const text = optionText(value);
      return flagWords(schema.shape[key] as z.ZodType, text === "" ? "none" : text);
    }),
  ];
};
