import type { ArgumentDefinition, CommandGroup } from "./command.js";

/** An option of a command as shown in help, docs and shell completion. */
export interface ShownOption {
  readonly key: string;
  /** In commander's notation (see Flag). */
  readonly flag: string;
  readonly description: string;
  /** Undefined if there is none to show. */
  readonly default?: string | undefined;
  readonly group?: string | undefined;
  readonly isNegatable: boolean;
  readonly isRepeatable: boolean;
  /** The accepted values of an enumeration; empty for any other option. */
  readonly choices: readonly string[];
}

/** A command as shown in help: plain data, so that help needs no schema. */
export interface CommandHelp {
  readonly name: string;
  readonly alias?: string | undefined;
  readonly group: CommandGroup;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly arguments: readonly ArgumentDefinition[];
  readonly options: readonly ShownOption[];
}
