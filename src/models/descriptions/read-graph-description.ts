import { QpruneError } from "../../base/errors.js";
import { isGraphArchitectureName } from "../architectures/graph-architectures.js";
import { isArchitectureName } from "../chains/built-in-chain.js";
import type { CompleteDescription } from "../chains/descriptions/chain-description.js";
import { readDescription } from "../chains/descriptions/read-chain-description.js";
import { parseDescription } from "./description-problems.js";
import { graphDescriptionSchema, type ReadGraphDescription } from "./graph-description.js";

const UNNAMED = "The description of the net";

/**
 * Reads a description of a graph as people write it.
 * @param where whose description it is, for messages
 * @throws QpruneError (usage) that names each wrong field, what was expected and what was found.
 */
export const readGraphDescription = (raw: unknown, where = UNNAMED): ReadGraphDescription => {
  const description = parseDescription(graphDescriptionSchema, raw, where);
  const { name } = description;
  if (isArchitectureName(name) || isGraphArchitectureName(name)) {
    throw new QpruneError(`${where}: name: ${name} is a built-in net.`, {
      kind: "usage",
      hint: "Choose another name.",
    });
  }
  return description;
};

/** Whether a description has the form of a graph instead of a chain. */
export const isGraphDescription = <T>(raw: T): raw is T & { readonly nodes: unknown } =>
  typeof raw === "object" && raw !== null && Object.hasOwn(raw, "nodes");

/**
 * Reads a description of either form: a graph, which has `nodes`, or a chain, which has `convs`.
 * @param where whose description it is, for messages
 * @throws QpruneError (usage) that names each wrong field, what was expected and what was found.
 */
export const readAnyDescription = (
  raw: unknown,
  where = UNNAMED,
): CompleteDescription | ReadGraphDescription =>
  isGraphDescription(raw) ? readGraphDescription(raw, where) : readDescription(raw, where);
