import type { CommandDefinition } from "../command.js";

/** Commands by every name that completes: those with an alias are there twice. */
export const withAliases = (commands: readonly CommandDefinition[]): CommandDefinition[] =>
  commands.flatMap((command) =>
    command.alias === undefined ? [command] : [command, { ...command, name: command.alias }],
  );
