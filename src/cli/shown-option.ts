import { z } from "zod";
import { flagOf } from "../options/flag.js";
import type { CommandDefinition } from "./command.js";
import type { CommandLook, ShownOption } from "./command-look.js";

const shownDefault = (schema: z.ZodType): string | undefined => {
  const { success, data } = schema.safeParse(undefined);
  if (!success || data === undefined || data === false) return undefined;
  return Array.isArray(data) ? data.join(",") : String(data);
};

/** The names of an enumeration, also one that has a default or may be left out. */
const choicesOf = (schema: unknown): readonly string[] => {
  if (schema instanceof z.ZodEnum) return schema.options.map(String);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return choicesOf(schema.def.innerType);
  }
  return [];
};

/** The options of a command in the order of its help; arguments without a flag are none. */
export const shownOptions = (schema: z.ZodObject): ShownOption[] =>
  Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, option]) => {
    const look = flagOf(option);
    if (!look) return [];
    const { flag, description, group } = look;
    const { negatable: isNegatable = false, isRepeatable = false } = look;
    const named = { key, flag, description, group, isNegatable, isRepeatable };
    const shown = { ...named, choices: choicesOf(option) };
    return [{ ...shown, default: shownDefault(option) }];
  });

/** What help shows of a command. */
export const lookOf = (definition: CommandDefinition): CommandLook => {
  const { name, alias, group, summary, examples, schema, arguments: positional = [] } = definition;
  const options = shownOptions(schema);
  return { name, alias, group, summary, examples, arguments: positional, options };
};
