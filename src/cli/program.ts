import { Command, Option } from "commander";
import type { CommandContext } from "./command.js";
import type { CommandHelp, ShownOption } from "./command-help.js";

/** Without short flags of two letters: help shows them, but argv.ts rewrites them before commander parses. */
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
  if (option.isNegatable)
    made.push(new Option(flag.replace(/^--/, "--no-"), `the opposite of ${flag}`));
  for (const each of made) {
    if (group) each.helpGroup(`${group}:`);
    // Options are identified by their key in the schema, however they are spelled on the command line.
    each.attributeName = () => key;
  }
  return made;
};

const examplesText = (examples: readonly string[]): string =>
  `\nExamples:\n${examples.map((example) => `  $ qprune ${example}`).join("\n")}`;

export interface ProgramOptions {
  readonly version: string;
  readonly commands: readonly CommandHelp[];
  readonly context: Pick<CommandContext, "stdout" | "stderr">;
  /** Runs a command with the arguments and options of argv, by key. */
  readonly run: (command: string, raw: Readonly<Record<string, unknown>>) => Promise<void>;
}

const addCommand = (program: Command, help: CommandHelp, run: ProgramOptions["run"]): void => {
  const command = program
    .command(help.name)
    .helpGroup(`${help.group}:`)
    .summary(help.summary)
    .description(help.summary)
    .allowExcessArguments(false)
    .addHelpText("after", examplesText(help.examples));
  if (help.alias !== undefined) command.alias(help.alias);
  for (const { key, description, isVariadic } of help.arguments) {
    command.argument(isVariadic ? `<${key}...>` : `<${key}>`, description);
  }
  for (const option of help.options.flatMap(toOptions)) command.addOption(option);
  command.action(async (...args: unknown[]) => {
    // Commander passes the arguments, then the options.
    const values = help.arguments.map(({ key }, index) => [key, args[index]]);
    await run(help.name, {
      ...Object.fromEntries(values),
      ...(args[help.arguments.length] as Record<string, unknown>),
    });
  });
};

/** Creates the commander program. It needs only the help data of commands, not their schemas. */
export const createProgram = ({ version, commands, context, run }: ProgramOptions): Command => {
  const program = new Command("qprune")
    .description(
      "Trains, prunes and quantizes convolutional networks: 1 to 8 bits, ternary and binary.",
    )
    .version(version, "-v, --version")
    .exitOverride()
    .configureOutput({
      writeOut: context.stdout.write,
      writeErr: context.stderr.write,
      getOutHelpWidth: () => context.stdout.columns,
      getErrHelpWidth: () => context.stderr.columns,
      // main.ts prints errors.
      outputError: () => {},
    })
    .showHelpAfterError(false);
  for (const help of commands) addCommand(program, help, run);
  return program;
};
