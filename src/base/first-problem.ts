import type { z } from "zod";
import { visibleText } from "./visible-text.js";

const GENERAL = /^Invalid input: /;
/** Longer messages, such as those with a key from a file, are truncated. */
const LONGEST_MESSAGE = 300;
const MISSING = /received undefined$/;

const shortened = (message: string): string =>
  message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;

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
    : `${where}: ${visibleText(shortened(message.replace(GENERAL, "")))}`;
};
