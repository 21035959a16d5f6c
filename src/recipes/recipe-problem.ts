import { QpruneError } from "../base/errors.js";
import { visibleText } from "../base/visible-text.js";
import { locationText, type SourceLocation } from "./source-location.js";

/** A problem with a recipe, as a sentence. */
export interface RecipeProblem {
  readonly location: SourceLocation;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Longer sentences quote something long; its middle is left out. */
const MAX_SENTENCE = 600;
const SHOWN_AT_ENDS = 200;

/** A sentence without its middle if it is too long. */
const shortened = (text: string): string =>
  text.length > MAX_SENTENCE
    ? `${text.slice(0, SHOWN_AT_ENDS)} … ${text.slice(-SHOWN_AT_ENDS)}`
    : text;

/** More problems at once help nobody. */
const MAX_SHOWN = 10;

/** Orders problems: flags first, then by their position in the file. */
const inOrder = ({ location: a }: RecipeProblem, { location: b }: RecipeProblem): number => {
  if (a.kind === "flag" || b.kind === "flag")
    return Number(a.kind === "file") - Number(b.kind === "file");
  return a.line - b.line || a.column - b.column;
};

/** The text of one problem, shortened and without control characters, since it may quote anything from a file. */
const problemText = (
  path: string,
  { location, message, hint }: RecipeProblem,
  hasHint: boolean,
) => {
  const text = `${locationText(path, location)}: ${shortened(message)}`;
  return visibleText(hasHint && hint ? `${text} ${shortened(hint)}` : text);
};

/** The error for a recipe with problems: one line each, in the order of the file. */
export const recipeError = (path: string, problems: readonly RecipeProblem[]): QpruneError => {
  // An invalid flag or default has the same problem in many stages.
  const byText = new Map(problems.map((each) => [problemText(path, each, false), each]));
  const sorted = [...byText.values()].sort(inOrder);
  const isOne = sorted.length === 1;
  const texts = sorted.map((each) => problemText(path, each, !isOne));
  const lines = texts.slice(0, MAX_SHOWN);
  if (texts.length > lines.length) lines.push(`and ${texts.length - lines.length} more`);
  const hint = isOne ? sorted[0]?.hint : undefined;
  return new QpruneError(lines.join("\n"), {
    kind: "usage",
    hint: visibleText(shortened(hint || "docs/recipes.md describes the format of recipes.")),
  });
};

/**
 * Refuses a recipe that has problems.
 * @throws QpruneError (usage) made by {@link recipeError} if there are any.
 */
export const refuseProblems = (path: string, problems: readonly RecipeProblem[]): void => {
  if (problems.length > 0) throw recipeError(path, problems);
};
