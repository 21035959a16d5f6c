import { isAlias, isMap, isScalar, isSeq } from "yaml";

/** A value as a sentence shows it. */
export const foundValue = (value: unknown): string => {
  if (value === "") return "an empty text";
  if (value === "true" || value === "false") return `the text "${value}"`;
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
};

/** What stands in a place of a recipe, in words. */
export const foundNode = (node: unknown): string => {
  if (isMap(node)) return "a map";
  if (isSeq(node)) return "a list";
  if (isAlias(node)) return "an alias";
  if (!isScalar(node)) return "nothing";
  const { value, source } = node;
  if (value === null) return "nothing";
  // Tags make other things of texts.
  return typeof value === "object" ? String(source) : foundValue(value);
};
