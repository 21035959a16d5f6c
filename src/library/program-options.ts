import type { z } from "zod";
import { usageError } from "../base/errors.js";
import { nearestHint } from "../base/nearest-name.js";
import { camelCase } from "../base/option-reference.js";
import { commandWords } from "../options/names/command-words.js";
import type { OptionValue } from "../options/names/option-text.js";
import { readOptions } from "../options/read-options.js";
import type { Call } from "../workflows/call.js";

/** The name of an option in a program: `train_batch_size` is `trainBatchSize`. */
type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** Options that only affect what the command line prints. */
type ForPrinting = "json" | "quiet" | "cpu";

type Immutable<T> = T extends readonly (infer Item)[] ? readonly Item[] : T;

type Named<T> = {
  readonly [K in keyof T & string as K extends ForPrinting ? never : CamelCase<K>]:
    | Immutable<T[K]>
    | undefined;
};

/**
 * The options of a command for programs: those of the command line, named by their flags in camelCase, with the same
 * defaults. `Required` lists options that must be given.
 */
export type ProgramOptions<S extends z.ZodObject, Required extends string = never> = Partial<
  Omit<Named<z.output<S>>, Required>
> & {
  readonly [K in Required & keyof Named<z.output<S>>]: NonNullable<Named<z.output<S>>[K]>;
};

/**
 * The workflow call for a program's options.
 * @throws QpruneError (usage) for unknown options and invalid values.
 */
export const programCall = <S extends z.ZodObject>(
  command: string,
  schema: S,
  options: object,
): Call<S> => {
  const keys = new Map(Object.keys(schema.shape).map((key) => [camelCase(key), key]));
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const named = given.map(([name, value]): readonly [string, OptionValue] => {
    const key = keys.get(name);
    if (key !== undefined) return [key, value as OptionValue];
    throw usageError(`${command} has no option ${name}.`, nearestHint(name, [...keys.keys()]));
  });
  return {
    options: readOptions(schema, Object.fromEntries(named), command),
    given: new Set(named.map(([key]) => key)),
    argv: commandWords(command, schema, named),
  };
};
