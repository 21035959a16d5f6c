import type { CommanderError } from "commander";
import type { z } from "zod";
import { type Flag, flagOf } from "../options/flag.js";
import { longNameOf } from "../options/names/option-names.js";
import { meantOptions, whyNoOption } from "../options/names/option-synonyms.js";
import { quoted } from "../options/names/shell-command.js";
import { alternativeSpellings } from "./argv.js";
import type { CommandDefinition } from "./command.js";

/** A command line that commander refused. */
export interface RefusedCall {
  readonly argv: readonly string[];
  /** The called command, if it exists. */
  readonly command: CommandDefinition | undefined;
}

const NUMBER = /^\d*\.?\d+(?:e-?\d+)?$/i;

const flagsOf = ({ schema }: CommandDefinition): Flag[] =>
  (Object.values(schema.shape) as z.ZodType[]).flatMap((option) => flagOf(option) ?? []);

const takesValue = ({ flag }: Flag): boolean => /[<[]/.test(flag);

/** The hint for a flag that was given a value but takes none. */
const strayValue = (
  command: CommandDefinition,
  typed: string,
  value: string,
): string | undefined => {
  const meant = alternativeSpellings(command.schema).get(typed) ?? typed;
  const info = flagsOf(command).find(({ flag }) => longNameOf(flag) === meant);
  if (!info || takesValue(info)) return undefined;
  return info.valueFlag && NUMBER.test(value)
    ? `${typed} takes no value; write ${typed} ${info.valueFlag} ${value}`
    : `${typed} takes no value; omit ${quoted(value)}`;
};

/**
 * The hint for an excess argument, which is usually the value of a flag that takes none. Commands with positional
 * arguments get no hint, since it may be one of those.
 */
const excessHint = (argv: readonly string[], command: CommandDefinition): string | undefined => {
  if ((command.arguments ?? []).length > 0) return undefined;
  const hints = argv.map((typed, index) => {
    const next = argv[index + 1];
    return next === undefined || next.startsWith("-")
      ? undefined
      : strayValue(command, typed, next);
  });
  return hints.find((hint) => hint !== undefined);
};

/** The hint for a long flag with a single dash, or a prefix of a flag. */
const likelyFlag = (typed: string, command: CommandDefinition): string | undefined => {
  const flags = flagsOf(command);
  const long = typed.replace(/^-(?!-)/, "--");
  if (/^-*$/.test(typed)) return undefined;
  if (flags.some(({ flag }) => longNameOf(flag) === long)) return `did you mean ${long}?`;
  const meant = flags.find(({ flag }) => longNameOf(flag).startsWith(long));
  if (!meant) return undefined;
  const value = meant.valueFlag ? `, whose value is given by ${meant.valueFlag}` : "";
  return `did you mean ${meant.flag}${value}?`;
};

/** The hint for a flag of another program: its name in qprune, or why qprune does not have it. */
const foreignFlag = (typed: string, command: CommandDefinition): string | undefined => {
  const flags = flagsOf(command).map(({ flag }) => longNameOf(flag));
  const name = typed.replace(/^-+/, "");
  const names = flags.map((flag) => flag.slice(2).replaceAll("_", "-"));
  const files = (command.arguments ?? []).map(({ key }) => key);
  const meantNames = files.includes(name) ? [name] : meantOptions(name, [...names, ...files]);
  const meant = meantNames.map((each) =>
    files.includes(each) ? `${each.toUpperCase()} without a flag` : flags[names.indexOf(each)],
  );
  return meant.length > 0 ? `did you mean ${meant.join(" or ")}?` : whyNoOption(name);
};

/** Commander's own suggestion for a misspelled flag. */
const SUGGESTION = /\n\(Did you mean .*\)$/s;

const unknownHint = (message: string, command: CommandDefinition): string | undefined => {
  const [typed = "", ...value] = (/'([^']+)'/.exec(message)?.[1] ?? "").split("=");
  const stray = value.length > 0 ? strayValue(command, typed, value.join("=")) : undefined;
  if (stray !== undefined) return stray;
  const foreign = foreignFlag(typed, command);
  return SUGGESTION.test(message) ? foreign : (likelyFlag(typed, command) ?? foreign);
};

const hintFor = (
  { code, message }: CommanderError,
  argv: readonly string[],
  command: CommandDefinition,
): string | undefined => {
  if (code === "commander.excessArguments") return excessHint(argv, command);
  return code === "commander.unknownOption" ? unknownHint(message, command) : undefined;
};

/** Message and hint for a command line that commander refused. Our own hint replaces commander's suggestion. */
export const callRefusal = (
  error: CommanderError,
  { argv, command }: RefusedCall,
): { readonly message: string; readonly hint: string } => {
  const message = error.message.replace(/^error: /, "");
  const hint = command && hintFor(error, argv, command);
  if (hint !== undefined) return { message: message.replace(SUGGESTION, ""), hint };
  return { message, hint: `see qprune ${command ? `${command.name} ` : ""}--help` };
};
