import type { CommandDefinition } from "../command.js";

/** Commands by each of their names: a command with an alias is listed twice. */
export const withAliases = (commands: readonly CommandDefinition[]): CommandDefinition[] =>
  commands.flatMap((command) =>
    command.alias === undefined ? [command] : [command, { ...command, name: command.alias }],
  );
