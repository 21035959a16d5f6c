import type { z } from "zod";

/** Names of types, for schemas without a message of their own. */
const IN_PLAIN_WORDS: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  number: "a number",
  string: "text",
};

/** A schema's issue in plain words, as "expected …"; enums list their values. */
export const expectation = (issue: z.core.$ZodIssue): string => {
  if (issue.code === "invalid_value") return `expected ${issue.values.join(" or ")}`;
  if (issue.code === "invalid_union") {
    const inner = issue.errors.flat().find(({ message }) => message.startsWith("expected"));
    if (inner) return inner.message;
  }
  const type = issue.code === "invalid_type" ? IN_PLAIN_WORDS[issue.expected] : undefined;
  if (type !== undefined) return `expected ${type}`;
  return issue.message.replace(/^Invalid input: /, "");
};
