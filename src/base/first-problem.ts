import type { z } from "zod";
import { visibleText } from "./visible-text.js";

const GENERAL = /^Invalid input: /;
const MISSING = /received undefined$/;

/**
 * The first problem that a schema found in data from outside, as a part of a sentence.
 * Examples: `convs.2.width: expected number, received string`; `data_offsets is missing`.
 * @param root names the data if they are wrong as a whole
 */
export const firstProblem = ({ issues: [issue] }: z.ZodError, root: string): string => {
  const where = visibleText(issue?.path.map(String).join(".") || root);
  const message = issue?.message ?? "it does not fit";
  return MISSING.test(message)
    ? `${where} is missing`
    : `${where}: ${visibleText(message.replace(GENERAL, ""))}`;
};
