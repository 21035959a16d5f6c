import { z } from "zod";

/** How an option looks on the command line. */
export interface Flag {
  /** In commander's notation: `--lr <rate>`, `-sr, --sparsity-regularization`, `--gap [ratio]`. */
  readonly flag: string;
  /** Whether `--no-NAME` sets the option to false. */
  readonly negatable?: boolean;
  /** Whether it may be given again; the values are a list. */
  readonly isRepeatable?: boolean;
  /** One line for the help text; the default is added from the schema. */
  readonly description: string;
  /** Heading of the help section that the option stands under. */
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
