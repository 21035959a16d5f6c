import { z } from "zod";
import { flagOf } from "../options/flag.js";
import type { CommandDefinition } from "./command.js";
import type { CommandHelp, ShownOption } from "./command-help.js";

const shownDefault = (schema: z.ZodType): string | undefined => {
  const { success, data } = schema.safeParse(undefined);
  if (!success || data === undefined || data === false) return undefined;
  return Array.isArray(data) ? data.join(",") : String(data);
};

/** The values of an enumeration, also if it is optional or has a default. */
const choicesOf = (schema: unknown): readonly string[] => {
  if (schema instanceof z.ZodEnum) return schema.options.map(String);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return choicesOf(schema.def.innerType);
  }
  return [];
};

/** The options of a command in the order of its help, without positional arguments. */
export const shownOptions = (schema: z.ZodObject): ShownOption[] =>
  Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, option]) => {
    const info = flagOf(option);
    if (!info) return [];
    const { flag, description, group } = info;
    const { negatable: isNegatable = false, isRepeatable = false } = info;
    const named = { key, flag, description, group, isNegatable, isRepeatable };
    const shown = { ...named, choices: choicesOf(option) };
    return [{ ...shown, default: shownDefault(option) }];
  });

/** A command as shown in help. */
export const commandHelp = (definition: CommandDefinition): CommandHelp => {
  const { name, alias, group, summary, examples, schema, arguments: positional = [] } = definition;
  const options = shownOptions(schema);
  return { name, alias, group, summary, examples, arguments: positional, options };
};
