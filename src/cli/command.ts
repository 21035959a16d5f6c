import type { z } from "zod";
import type { Call } from "../workflows/call.js";

/** What a command writes to: results go to stdout, progress and notices to stderr. */
export interface Output {
  readonly write: (text: string) => void;
  readonly isTTY: boolean;
  /** Width of the terminal in columns; 80 where there is none. */
  readonly columns: number;
}

/** The world as a command sees it, handed in so that tests can stand in for it. */
export interface CommandContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds from any fixed moment. */
  readonly now: () => number;
  /** Aborted when the user asks to stop; a command then ends in good order. */
  readonly signal: AbortSignal;
  /** Whether the command is a stage of a recipe, which itself prints how to resume. */
  readonly isStage?: boolean;
  /** All commands, for the one that completes their names. */
  readonly loadCommands?: () => Promise<readonly CommandDefinition[]>;
}

/** A positional argument: it must be given, and is read by its key in the command's schema. */
export interface ArgumentDefinition {
  readonly key: string;
  readonly description: string;
  /** Whether it takes all that follows, at least one; only the last argument may. */
  readonly isVariadic?: boolean;
}

/** The headings of the help, in its order. */
export const commandGroups = ["Train", "Compress", "Look", "Convert", "Set up"] as const;
export type CommandGroup = (typeof commandGroups)[number];

/**
 * A command of the command line. Its flags, defaults, help and types all come from `schema`
 * (see options/flag.ts); `run` loads what is heavy by a dynamic import, so that help stays fast.
 */
export interface CommandDefinition<S extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** A plain name for the reference scripts' one (see plain-names.ts). */
  readonly alias?: string;
  /** What one wants to do with it: its heading in the help of all commands. */
  readonly group: CommandGroup;
  readonly summary: string;
  /** Example calls for the help text, without the leading `qprune`. */
  readonly examples: readonly string[];
  /** In the order of the command line. */
  readonly arguments?: readonly ArgumentDefinition[];
  readonly schema: S;
  readonly run: (call: Call<S>, context: CommandContext) => Promise<void>;
}

export const defineCommand = <S extends z.ZodObject>(
  definition: CommandDefinition<S>,
): CommandDefinition<S> => definition;
