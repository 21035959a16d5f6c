import { Command, Option } from "commander";
import type { z } from "zod";
import { flagOf } from "../config/flag.js";
import type { Call, CommandContext, CommandDefinition } from "./command.js";
import { readOptions } from "./read-options.js";

/** The default of an option as the help shows it; undefined where there is none to show. */
const shownDefault = (schema: z.ZodType): string | undefined => {
  const { success, data } = schema.safeParse(undefined);
  if (!success || data === undefined || data === false) return undefined;
  return Array.isArray(data) ? data.join(",") : String(data);
};

/** Short flags of two letters are shown in help but spelled out before commander sees them (see argv.ts). */
const knownToCommander = (flagText: string): string => flagText.replace(/^-[^-][^\s,]+,\s*/, "");

const toOptions = (key: string, schema: z.ZodType): Option[] => {
  const look = flagOf(schema);
  if (!look) return [];
  const value = shownDefault(schema);
  const text = value === undefined ? look.description : `${look.description} (default: ${value})`;
  const shown = new Option(knownToCommander(look.flag), text);
  shown.flags = look.flag;
  if (look.isRepeatable) {
    shown.argParser((value, before: string[] | undefined) => [...(before ?? []), value]);
  }
  const made = [shown];
  if (look.negatable) made.push(new Option(look.flag.replace(/^--/, "--no-"), "the opposite"));
  for (const option of made) {
    if (look.group) option.helpGroup(`${look.group}:`);
    // Options are read by their key in the schema, whatever their spelling on the command line.
    option.attributeName = () => key;
  }
  return made;
};

const examplesText = (examples: readonly string[]): string =>
  `\nExamples:\n${examples.map((example) => `  $ qprune ${example}`).join("\n")}`;

const addCommand = (
  program: Command,
  definition: CommandDefinition,
  context: CommandContext,
): void => {
  const command = program
    .command(definition.name)
    .summary(definition.summary)
    .description(definition.summary)
    .allowExcessArguments(false)
    .addHelpText("after", examplesText(definition.examples));
  const positional = definition.arguments ?? [];
  for (const { key, description } of positional) command.argument(`<${key}>`, description);
  for (const [key, schema] of Object.entries(definition.schema.shape)) {
    for (const option of toOptions(key, schema as z.ZodType)) command.addOption(option);
  }
  command.action(async (...args: unknown[]) => {
    // Commander hands over the arguments, then the options.
    const values = positional.map(({ key }, at) => [key, args[at]]);
    const raw = {
      ...Object.fromEntries(values),
      ...(args[positional.length] as Record<string, unknown>),
    };
    const call: Call<z.ZodObject> = {
      options: readOptions(definition.schema, raw, definition.name),
      given: new Set(Object.keys(raw)),
    };
    await definition.run(call, context);
  });
};

export interface ProgramOptions {
  readonly version: string;
  readonly commands: readonly CommandDefinition[];
  readonly context: CommandContext;
}

/** The commander program, made of the commands' schemas. */
export const createProgram = ({ version, commands, context }: ProgramOptions): Command => {
  const program = new Command("qprune")
    .description(
      "Quantizes and prunes convolutional networks: 8/4/2-bit, ternary and binary training.",
    )
    .version(version, "-v, --version")
    .exitOverride()
    .configureOutput({
      writeOut: context.stdout.write,
      writeErr: context.stderr.write,
      getOutHelpWidth: () => context.stdout.columns,
      getErrHelpWidth: () => context.stderr.columns,
      // Errors are printed once, in one form, by main.
      outputError: () => {},
    })
    .showHelpAfterError(false);
  for (const definition of commands) addCommand(program, definition, context);
  return program;
};
