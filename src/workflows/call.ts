import type { z } from "zod";

/** The arguments of a workflow. */
export interface Call<S extends z.ZodObject> {
  readonly options: z.output<S>;
  /** Keys of the options that the caller gave; all others have their default values. */
  readonly given: ReadonlySet<string>;
  /** The call as a command line, starting with the command. It is recorded next to the output and never parsed. */
  readonly argv: readonly string[];
}
