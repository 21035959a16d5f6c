import type { z } from "zod";
import { QpruneError } from "../base/errors.js";
import { builtInNets } from "./built-in-nets.js";
import { chainDifference } from "./chain-difference.js";
import { type CompleteDescription, netDescriptionSchema } from "./net-description.js";

/** More problems than a reader takes in at once. */
const MAX_PROBLEMS = 10;
const HINT = "docs/own-nets.md lists all fields; examples/nets has nets to start from.";

/** A path as it would be written in code: convs[3].pool.size. */
const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");

const problemText = ({ path, message }: z.core.$ZodIssue): string =>
  path.length === 0 ? message : `${pathText(path)}: ${message}`;

/** A built-in net's name stands for its chain: in saved files, in default file names, for other commands. */
const refuseTakenName = (description: CompleteDescription, where: string): void => {
  const { name } = description;
  const namesake = Object.values(builtInNets).find((builtIn) => builtIn.name === name);
  if (!namesake) return;
  const difference = chainDifference(netDescriptionSchema.parse(namesake), description);
  if (difference === undefined) return;
  throw new QpruneError(
    `${where}: name: ${name} is a built-in net of another chain (its ${difference}).`,
    {
      kind: "usage",
      hint: "Choose another name; only the widths may differ under a built-in one.",
    },
  );
};

/**
 * Reads what people wrote as a description of a net and fills the defaults in.
 * @throws QpruneError (usage) naming each field that is wrong, what it takes and what is there; `where`
 * says whose description it is.
 */
export const readDescription = (
  raw: unknown,
  where = "The description of the net",
): CompleteDescription => {
  const parsed = netDescriptionSchema.safeParse(raw);
  if (!parsed.success) {
    const { issues } = parsed.error;
    const shown = issues.slice(0, MAX_PROBLEMS).map((issue) => `${where}: ${problemText(issue)}`);
    const more = issues.length - shown.length;
    throw new QpruneError([...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("\n"), {
      kind: "usage",
      hint: HINT,
    });
  }
  refuseTakenName(parsed.data, where);
  return parsed.data;
};
