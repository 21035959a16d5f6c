import type { z } from "zod";
import type { Call } from "../workflows/call.js";

/** A stream that commands write to: results go to stdout, progress and notices to stderr. */
export interface Output {
  readonly write: (text: string) => void;
  readonly isTTY: boolean;
  /** Width of the terminal in columns; 80 without a terminal. */
  readonly columns: number;
}

/** The environment of a command, passed in so that tests can replace it. */
export interface CommandContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since an arbitrary fixed time. */
  readonly now: () => number;
  /** Aborted when the user asks to stop; the command then saves its state and ends. */
  readonly signal: AbortSignal;
  /** Whether the command is a stage of a recipe, which itself prints how to resume. */
  readonly isStage?: boolean;
  /** All commands, for the one that completes their names. */
  readonly loadCommands?: () => Promise<readonly CommandDefinition[]>;
}

/** A required positional argument; `key` names its entry in the command's schema. */
export interface ArgumentDefinition {
  readonly key: string;
  readonly description: string;
  /** Whether it takes one or more values; only for the last argument. */
  readonly isVariadic?: boolean;
}

/** Headings in the list of commands, in order. */
export const commandGroups = ["Train", "Compress", "Inspect", "Convert", "Set up"] as const;
export type CommandGroup = (typeof commandGroups)[number];

/**
 * A command. Its flags, defaults, help and types all come from `schema` (see options/flag.ts). `run` imports its
 * implementation dynamically, so that help stays fast.
 */
export interface CommandDefinition<S extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** A plain name for a command named after a reference script (see plain-names.ts). */
  readonly alias?: string;
  /** Its heading in the list of commands. */
  readonly group: CommandGroup;
  readonly summary: string;
  /** Example calls for the help text, without the leading `qprune`. */
  readonly examples: readonly string[];
  /** Positional arguments in order. */
  readonly arguments?: readonly ArgumentDefinition[];
  readonly schema: S;
  readonly run: (call: Call<S>, context: CommandContext) => Promise<void>;
}

export const defineCommand = <S extends z.ZodObject>(
  definition: CommandDefinition<S>,
): CommandDefinition<S> => definition;
