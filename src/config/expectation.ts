import type { z } from "zod";

/** "expected …" of a schema's issue in plain words; enums list their values. */
export const expectation = (issue: z.core.$ZodIssue): string => {
  if (issue.code === "invalid_value") return `expected ${issue.values.join(" or ")}`;
  if (issue.code === "invalid_union") {
    const inner = issue.errors.flat().find(({ message }) => message.startsWith("expected"));
    if (inner) return inner.message;
  }
  return issue.message.replace(/^Invalid input: /, "");
};
