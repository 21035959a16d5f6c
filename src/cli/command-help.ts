import type { ArgumentDefinition, CommandGroup } from "./command.js";

/** An option of a command as people see it: in help, in the docs, when a shell completes. */
export interface ShownOption {
  readonly key: string;
  /** In commander's notation (see Flag). */
  readonly flag: string;
  readonly description: string;
  /** Undefined where there is none to show. */
  readonly default?: string | undefined;
  readonly group?: string | undefined;
  readonly isNegatable: boolean;
  readonly isRepeatable: boolean;
  /** The names that it takes, where it takes no others. */
  readonly choices: readonly string[];
}

/** A command as help shows it: plain data, so that help needs no schema. */
export interface CommandLook {
  readonly name: string;
  readonly alias?: string | undefined;
  readonly group: CommandGroup;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly arguments: readonly ArgumentDefinition[];
  readonly options: readonly ShownOption[];
}
