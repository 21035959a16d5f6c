import type { z } from "zod";
import { flagOf } from "./flag.js";
import { longNameOf } from "./option-names.js";
import { type OptionText, type OptionValue, optionText } from "./option-text.js";

/** A flag with its value; a text that could be taken for a flag follows an equals sign. */
const flagWords = (option: z.ZodType, value: OptionText): string[] => {
  const look = flagOf(option);
  if (!look) return [];
  const name = longNameOf(look.flag);
  if (value === true) return [name];
  if (value === false) return look.negatable ? [name.replace(/^--/, "--no-")] : [];
  const mayStandAlone = look.flag.includes("[");
  return mayStandAlone || value.startsWith("-") ? [`${name}=${value}`] : [name, value];
};

/** An argument's words: one for each file of a list. */
const argumentWords = (value: OptionValue): string[] =>
  Array.isArray(value) ? value.map(String) : [String(value)];

/**
 * A command line with the given options, as it could be typed: arguments first, then flags. It is shown and recorded,
 * never parsed. An empty list is `none`.
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
