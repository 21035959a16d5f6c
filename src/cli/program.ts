import { Command, Option } from "commander";
import type { CommandContext } from "./command.js";
import type { CommandLook, ShownOption } from "./command-look.js";

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
  readonly commands: readonly CommandLook[];
  readonly context: Pick<CommandContext, "stdout" | "stderr">;
  /** Runs a command with what argv gave: arguments and options by their keys. */
  readonly run: (command: string, raw: Readonly<Record<string, unknown>>) => Promise<void>;
}

const addCommand = (program: Command, look: CommandLook, run: ProgramOptions["run"]): void => {
  const command = program
    .command(look.name)
    .helpGroup(`${look.group}:`)
    .summary(look.summary)
    .description(look.summary)
    .allowExcessArguments(false)
    .addHelpText("after", examplesText(look.examples));
  if (look.alias !== undefined) command.alias(look.alias);
  for (const { key, description, isVariadic } of look.arguments) {
    command.argument(isVariadic ? `<${key}...>` : `<${key}>`, description);
  }
  for (const option of look.options.flatMap(toOptions)) command.addOption(option);
  command.action(async (...args: unknown[]) => {
    // Commander hands over the arguments, then the options.
    const values = look.arguments.map(({ key }, at) => [key, args[at]]);
    await run(look.name, {
      ...Object.fromEntries(values),
      ...(args[look.arguments.length] as Record<string, unknown>),
    });
  });
};

/** The commander program, made of what help shows of the commands. */
export const createProgram = ({ version, commands, context, run }: ProgramOptions): Command => {
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
  for (const look of commands) addCommand(program, look, run);
  return program;
};
