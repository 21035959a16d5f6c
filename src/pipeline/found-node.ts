import { isMap, isScalar, isSeq } from "yaml";

/** A value as a sentence shows it. */
export const foundValue = (value: unknown): string => {
  if (value === "") return "an empty text";
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
};

/** What stands in a place of a recipe, in words. */
export const foundNode = (node: unknown): string => {
  if (isMap(node)) return "a map";
  if (isSeq(node)) return "a list";
  const value = isScalar(node) ? node.value : node;
  return value === null ? "nothing" : foundValue(value);
};
