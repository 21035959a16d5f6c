import type { CommandDefinition } from "../../src/cli/command.js";
import type { ShownOption } from "../../src/cli/command-help.js";
import type { PageLanguage } from "./languages.js";

/** A command as the page shows it. */
export interface ShownCommand
  extends Pick<CommandDefinition, "name" | "alias" | "summary" | "examples" | "arguments"> {
  /** In the order of the help. */
  readonly options: readonly ShownOption[];
}

export const usagePage: (
  commands: readonly ShownCommand[],
  language: PageLanguage,
  printed: Readonly<Record<string, string>>,
) => string;
