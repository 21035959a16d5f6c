import { z } from "zod";

/**
 * What an option changes. It decides whether a resumed run may have another value, and whether the stage of a recipe
 * runs again:
 * - `result`: what is computed. A resumed run has its own value unless that is overridden; a stage runs again.
 * - `another run`: the net or its images. No run can be resumed with another value; a stage runs again.
 * - `extent`: how long and how well a result is computed, but nothing that is computed already. A resumed run takes
 *   the new value; a stage runs again.
 * - `feeding`: how a run is fed and where it leaves its traces, but no result. A resumed run takes the new value; a
 *   stage is kept.
 * - `source`: what a single call reads, writes and runs on. It is never taken from a training state; a stage runs again.
 * - `only this call`: what a single call shows and dares. It is never taken from a training state; a stage is kept.
 */
export type FlagEffect =
  | "result"
  | "another run"
  | "extent"
  | "feeding"
  | "source"
  | "only this call";

/** How an option looks on the command line. */
export interface Flag {
  /** In commander's notation: `--lr <rate>`, `-sr, --sparsity-regularization`, `--gap [ratio]`. */
  readonly flag: string;
  readonly effect: FlagEffect;
  /** Whether `--no-NAME` sets the option to false. */
  readonly negatable?: boolean;
  /** Whether it may be given again; the values are a list. */
  readonly isRepeatable?: boolean;
  /** One line for the help text; the default is added from the schema. */
  readonly description: string;
  /** Heading of the help section that the option is listed under. */
  readonly group?: string;
  /** Of a flag without a value: the one that takes the value that people may give this one. */
  readonly valueFlag?: string;
  /** Other spellings that are accepted but not listed (snake_case and kebab-case twins are automatic). */
  readonly aliases?: readonly string[];
}

const flags = z.registry<Flag>();

/**
 * Gives an option of a command's schema its flag. The schema stays the single source of the default,
 * the accepted values and the type: `flag(z.coerce.number().positive().default(0.01), {…})`.
 */
export const flag = <T extends z.ZodType>(schema: T, look: Flag): T => {
  flags.add(schema, look);
  return schema;
};

/** The flag of an option, or undefined where the option has none. */
export const flagOf = (schema: z.ZodType): Flag | undefined => flags.get(schema);

/** What an option of a schema changes; an argument without a flag names what is read or written. */
export const effectOf = (schema: z.ZodObject, key: string): FlagEffect => {
  const option = schema.shape[key] as z.ZodType | undefined;
  return (option && flagOf(option)?.effect) ?? "source";
};
