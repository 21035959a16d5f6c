import type { CommanderError } from "commander";
import type { z } from "zod";
import { type Flag, flagOf } from "../options/flag.js";
import { longNameOf } from "../options/option-names.js";
import { meantOptions, whyNoOption } from "../options/option-synonyms.js";
import { quoted } from "../options/shell-command.js";
import { alternativeSpellings } from "./argv.js";
import type { CommandDefinition } from "./command.js";

/** A call that was refused. */
export interface RefusedCall {
  readonly argv: readonly string[];
  /** The command, where it is one. */
  readonly command: CommandDefinition | undefined;
}

const NUMBER = /^\d*\.?\d+(?:e-?\d+)?$/i;

const flagsOf = ({ schema }: CommandDefinition): Flag[] =>
  (Object.values(schema.shape) as z.ZodType[]).flatMap((option) => flagOf(option) ?? []);

const takesValue = ({ flag }: Flag): boolean => /[<[]/.test(flag);

/** What is said of `typed` with a value behind it, where it is a flag that takes none. */
const strayValue = (
  command: CommandDefinition,
  typed: string,
  value: string,
): string | undefined => {
  const meant = alternativeSpellings(command.schema).get(typed) ?? typed;
  const look = flagsOf(command).find(({ flag }) => longNameOf(flag) === meant);
  if (!look || takesValue(look)) return undefined;
  return look.valueFlag && NUMBER.test(value)
    ? `${typed} takes no value; write ${typed} ${look.valueFlag} ${value}`
    : `${typed} takes no value; leave ${quoted(value)} out`;
};

/** An argument too many stands behind a flag that takes no value; where files are named, it may be one of them. */
const excessHint = (argv: readonly string[], command: CommandDefinition): string | undefined => {
  if ((command.arguments ?? []).length > 0) return undefined;
  const hints = argv.map((typed, at) => {
    const next = argv[at + 1];
    return next === undefined || next.startsWith("-")
      ? undefined
      : strayValue(command, typed, next);
  });
  return hints.find((hint) => hint !== undefined);
};

/** The flag that an unknown one may stand for: a long one with one dash, or one that begins with it. */
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

/** What an unknown flag is called here, where other programs have it; or why there is none. */
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

/** What commander says itself where a flag differs by a few letters. */
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

/** What is said of a call that commander refused, and what to do; a name that is known beats commander's guess. */
export const callRefusal = (
  error: CommanderError,
  { argv, command }: RefusedCall,
): { readonly message: string; readonly hint: string } => {
  const message = error.message.replace(/^error: /, "");
  const hint = command && hintFor(error, argv, command);
  if (hint !== undefined) return { message: message.replace(SUGGESTION, ""), hint };
  return { message, hint: `see qprune ${command ? `${command.name} ` : ""}--help` };
};
