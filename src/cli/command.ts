import type { z } from "zod";

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
}

/**
 * A command of the command line. Its flags, defaults, help and types all come from `schema`
 * (see config/flag.ts); `run` loads what is heavy by a dynamic import, so that help stays fast.
 */
export interface CommandDefinition<S extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly summary: string;
  /** Example calls for the help text, without the leading `qprune`. */
  readonly examples: readonly string[];
  readonly schema: S;
  readonly run: (options: z.output<S>, context: CommandContext) => Promise<void>;
}

export const defineCommand = <S extends z.ZodObject>(
  definition: CommandDefinition<S>,
): CommandDefinition<S> => definition;
