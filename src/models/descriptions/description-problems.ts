import type { z } from "zod";
import { QpruneError } from "../../base/errors.js";

/** Most problems that one message lists. */
const MAX_PROBLEMS = 10;

export const DESCRIPTION_HINT =
  "docs/custom-architectures.md lists all fields; examples/nets has nets to start from.";

/** A path as written in code: convs[3].pool.size. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");

const problemText = ({ path, message }: z.core.$ZodIssue): string =>
  path.length === 0 ? message : `${pathText(path)}: ${message}`;

/**
 * Parses a description that people wrote.
 * @param where whose description it is, for messages
 * @throws QpruneError (usage) that names each wrong field, what was expected and what was found.
 */
export const parseDescription = <T>(schema: z.ZodType<T>, raw: unknown, where: string): T => {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const shown = issues.slice(0, MAX_PROBLEMS).map((issue) => `${where}: ${problemText(issue)}`);
  const more = issues.length - shown.length;
  throw new QpruneError([...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("\n"), {
    kind: "usage",
    hint: DESCRIPTION_HINT,
  });
};
