import { isAlias, isMap, isScalar, isSeq } from "yaml";

/** A value as messages show it. */
export const describeValue = (value: unknown): string => {
  if (value === "") return "an empty string";
  if (value === "true" || value === "false") return `the string "${value}"`;
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
};

/** A YAML node as messages show it. */
export const describeNode = (node: unknown): string => {
  if (isMap(node)) return "a map";
  if (isSeq(node)) return "a list";
  if (isAlias(node)) return "an alias";
  if (!isScalar(node)) return "nothing";
  const { value, source } = node;
  if (value === null) return "nothing";
  // Some tags turn text into objects.
  return typeof value === "object" ? String(source) : describeValue(value);
};
