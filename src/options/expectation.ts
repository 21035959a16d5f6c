import type { z } from "zod";

/** What a type is called, where a schema has no words of its own. */
const IN_PLAIN_WORDS: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  number: "a number",
  string: "a text",
};

/** "expected …" of a schema's issue in plain words; enums list their values. */
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
