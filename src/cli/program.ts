import { Command, Option } from "commander";
import type { z } from "zod";
import type { Call } from "../workflows/call.js";
import type { CommandContext, CommandDefinition } from "./command.js";
import { readOptions } from "./read-options.js";
import { type ShownOption, shownOptions } from "./shown-option.js";

/** Short flags of two letters are shown in help but spelled out before commander sees them (see argv.ts). */
const knownToCommander = (flagText: string): string => flagText.replace(/^-[^-][^\s,]+,\s*/, "");

const toOptions = (option: ShownOption): Option[] => {
  const { flag, key, group, description } = option;
  const text =
    option.default === undefined ? description : `${description} (default: ${option.default})`;
  const shown = new Option(knownToCommander(flag), text);
  shown.flags = flag;
  if (option.isRepeatable) {
    shown.argParser((value, before: string[] | undefined) => [...(before ?? []), value]);
  }
  const made = [shown];
  if (option.isNegatable) made.push(new Option(flag.replace(/^--/, "--no-"), "the opposite"));
  for (const each of made) {
    if (group) each.helpGroup(`${group}:`);
    // Options are read by their key in the schema, whatever their spelling on the command line.
    each.attributeName = () => key;
  }
  return made;
};

const examplesText = (examples: readonly string[]): string =>
  `\nExamples:\n${examples.map((example) => `  $ qprune ${example}`).join("\n")}`;

export interface ProgramOptions {
  readonly version: string;
  readonly commands: readonly CommandDefinition[];
  readonly context: CommandContext;
  /** The command line as it was typed. */
  readonly argv: readonly string[];
}

const addCommand = (
  program: Command,
  definition: CommandDefinition,
  { context, argv }: ProgramOptions,
): void => {
  const command = program
    .command(definition.name)
    .summary(definition.summary)
    .description(definition.summary)
    .allowExcessArguments(false)
    .addHelpText("after", examplesText(definition.examples));
  const positional = definition.arguments ?? [];
  for (const { key, description, isVariadic } of positional) {
    command.argument(isVariadic ? `<${key}...>` : `<${key}>`, description);
  }
  for (const option of shownOptions(definition.schema).flatMap(toOptions))
    command.addOption(option);
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
      argv,
    };
    await definition.run(call, context);
  });
};

/** The commander program, made of the commands' schemas. */
export const createProgram = (options: ProgramOptions): Command => {
  const { version, commands, context } = options;
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
  for (const definition of commands) addCommand(program, definition, options);
  return program;
};
