import type { z } from "zod";
import { type QpruneError, usageError } from "../base/errors.js";
import { option } from "../base/option-reference.js";
import { visibleText } from "../base/visible-text.js";
import { expectation } from "./values/expectation.js";

const LONGEST_SHOWN = 80;

/** The value that an issue is about, truncated if it is long. */
const shownValue = (raw: unknown, path: readonly PropertyKey[]): string => {
  const found = path.reduce<unknown>(
    (value, key) => (Object(value) as Record<PropertyKey, unknown>)[key],
    raw,
  );
  const text = visibleText(String(found));
  if (text.length <= LONGEST_SHOWN) return text;
  return `${text.slice(0, LONGEST_SHOWN)}… (${text.length} characters)`;
};

const wrongOptions = (
  issues: readonly z.core.$ZodIssue[],
  raw: Readonly<Record<string, unknown>>,
  command: string,
): QpruneError => {
  const problems = issues.map((issue) => {
    const key = String(issue.path[0] ?? "");
    return `${option(key)} ${shownValue(raw, issue.path)}: ${expectation(issue)}`;
  });
  return usageError(problems.join("\n"), "Correct the values of these options.", {
    code: "wrong-options",
    details: { command },
  });
};

/**
 * Parses options with a command's schema.
 * @throws QpruneError (usage) that lists each invalid option with its value and what was expected.
 */
export const readOptions = <S extends z.ZodObject>(
  schema: S,
  raw: Readonly<Record<string, unknown>>,
  command: string,
): z.output<S> => {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw wrongOptions(result.error.issues, raw, command);
};
