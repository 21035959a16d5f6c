import type { z } from "zod";

/** What a workflow is called with. */
export interface Call<S extends z.ZodObject> {
  readonly options: z.output<S>;
  /** Keys of the options that the caller gave; the others hold their defaults. */
  readonly given: ReadonlySet<string>;
  /** The call as a command line, the command first: it is recorded next to what the call makes, and never parsed. */
  readonly argv: readonly string[];
}
