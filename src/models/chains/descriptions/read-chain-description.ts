import { QpruneError } from "../../../base/errors.js";
import { isGraphArchitectureName } from "../../architectures/graph-architectures.js";
import { parseDescription } from "../../descriptions/description-problems.js";
import { builtInNets } from "../built-in-chains.js";
import { type CompleteDescription, netDescriptionSchema } from "./chain-description.js";
import { chainDifference } from "./chain-difference.js";

/** Saved files, default file names and other commands identify a built-in net by its name. */
const refuseTakenName = (description: CompleteDescription, where: string): void => {
  const { name } = description;
  if (isGraphArchitectureName(name)) {
    throw new QpruneError(`${where}: name: ${name} is a built-in net, which is not a chain.`, {
      kind: "usage",
      hint: "Choose another name.",
    });
  }
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
 * Reads a description of a chain as people write it, and fills the defaults in.
 * @param where whose description it is, for messages
 * @throws QpruneError (usage) that names each wrong field, what was expected and what was found.
 */
export const readDescription = (
  raw: unknown,
  where = "The description of the net",
): CompleteDescription => {
  const description = parseDescription(netDescriptionSchema, raw, where);
  refuseTakenName(description, where);
  return description;
};
