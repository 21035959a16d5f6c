import { z } from "zod";

/**
 * What an option affects. It determines whether a resumed run may use another value, and whether a new value makes
 * the stage of a recipe run again:
 * - `result`: what is computed. A resumed run keeps its value unless it is overridden; a stage runs again.
 * - `another run`: the net or its images. A run cannot be resumed with another value; a stage runs again.
 * - `extent`: how much is computed, without affecting earlier results. A resumed run uses the new value; a stage runs
 *   again.
 * - `feeding`: how a run gets its images and how often it saves, without affecting results. A resumed run uses the new
 *   value; a stage is kept.
 * - `source`: what a single call reads, writes and runs on. A resumed run ignores the recorded value; a stage runs again.
 * - `only this call`: what a single call prints or is allowed to do. A resumed run ignores the recorded value; a stage is
 *   kept.
 */
export type FlagEffect =
  | "result"
  | "another run"
  | "extent"
  | "feeding"
  | "source"
  | "only this call";

/** An option on the command line. */
export interface Flag {
  /** In commander's notation: `--lr <rate>`, `-sr, --sparsity-regularization`, `--gap [ratio]`. */
  readonly flag: string;
  readonly effect: FlagEffect;
  /** Whether `--no-NAME` sets the option to false. */
  readonly negatable?: boolean;
  /** Whether it may be given several times; the values form a list. */
  readonly isRepeatable?: boolean;
  /** One line for the help text; the default is added from the schema. */
  readonly description: string;
  /** Heading of the help section that lists the option. */
  readonly group?: string;
  /** For a flag without a value: the flag that takes the value which users may try to give this one. */
  readonly valueFlag?: string;
  /** Other spellings that are accepted but not listed (snake_case and kebab-case variants are automatic). */
  readonly aliases?: readonly string[];
}

const flags = z.registry<Flag>();

/**
 * Attaches a flag to an option of a command's schema. The schema remains the single source of the default, the accepted
 * values and the type: `flag(z.coerce.number().positive().default(0.01), {…})`.
 */
export const flag = <T extends z.ZodType>(schema: T, info: Flag): T => {
  flags.add(schema, info);
  return schema;
};

/** The flag of an option, or undefined for a positional argument. */
export const flagOf = (schema: z.ZodType): Flag | undefined => flags.get(schema);

/** What an option of a schema affects. Positional arguments name what is read or written. */
export const effectOf = (schema: z.ZodObject, key: string): FlagEffect => {
  const option = schema.shape[key] as z.ZodType | undefined;
  return (option && flagOf(option)?.effect) ?? "source";
};
