import type { z } from "zod";
import { QpruneError } from "../base/errors.js";
import { builtInNets } from "./built-in-nets.js";
import { chainDifference } from "./chain-difference.js";
import { type CompleteDescription, netDescriptionSchema } from "./net-description.js";

/** Most problems that one message lists. */
const MAX_PROBLEMS = 10;
const HINT = "docs/own-nets.md lists all fields; examples/nets has nets to start from.";

/** A path as written in code: convs[3].pool.size. */
const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");

const problemText = ({ path, message }: z.core.$ZodIssue): string =>
  path.length === 0 ? message : `${pathText(path)}: ${message}`;

/** Saved files, default file names and other commands identify a built-in net by its name. */
const refuseTakenName = (description: CompleteDescription, where: string): void => {
  const { name } = description;
  const namesake = Object.values(builtInNets).find((builtIn) => builtIn.name === name);
  if (!namesake) return;
  const difference = chainDifference(netDescriptionSchema.parse(namesake), description);
  if (difference === undefined) return;
  throw new QpruneError(
    `${where}: name: ${name} is a built-in net with a different chain (its ${difference}).`,
    {
      kind: "usage",
      hint: "Choose another name; a built-in name allows different widths only.",
    },
  );
};

/**
 * Reads a description of a net as people write it, and fills the defaults in.
 * @param where whose description it is, for messages
 * @throws QpruneError (usage) that names each wrong field, what was expected and what was found.
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
