import type { z } from "zod";
import { QpruneError } from "../base/errors.js";
import { visibleText } from "../base/visible-text.js";
import { expectation } from "../options/expectation.js";
import { flagOf } from "../options/flag.js";
import { longNameOf } from "../options/option-names.js";

const longFlag = (schema: z.ZodObject, key: PropertyKey): string => {
  const option = schema.shape[String(key)] as z.ZodType | undefined;
  const flag = option && flagOf(option)?.flag;
  return flag === undefined ? String(key) : longNameOf(flag);
};

const LONGEST_SHOWN = 80;

/** The value that an issue is about; of a long one the start. */
const shownValue = (raw: unknown, path: readonly PropertyKey[]): string => {
  const found = path.reduce<unknown>(
    (value, key) => (Object(value) as Record<PropertyKey, unknown>)[key],
    raw,
  );
  const text = visibleText(String(found));
  if (text.length <= LONGEST_SHOWN) return text;
  return `${text.slice(0, LONGEST_SHOWN)}… (${text.length} characters)`;
};

/**
 * Reads what argv gave by a command's schema.
 * @throws QpruneError (usage) naming each flag that is wrong, its value and what it takes.
 */
export const readOptions = <S extends z.ZodObject>(
  schema: S,
  raw: Readonly<Record<string, unknown>>,
  command: string,
): z.output<S> => {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const key = issue.path[0] ?? "";
    return `${longFlag(schema, key)} ${shownValue(raw, issue.path)}: ${expectation(issue)}`;
  });
  throw new QpruneError(problems.join("\n"), {
    kind: "usage",
    hint: `see qprune ${command} --help`,
  });
};
