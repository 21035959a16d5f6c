import { QpruneError } from "../base/errors.js";
import { visibleText } from "../base/visible-text.js";
import { placeText, type Where } from "./where.js";

/** Something that is wrong with a recipe, as a sentence. */
export interface RecipeProblem {
  readonly where: Where;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Longer sentences quote something that nobody reads to its end. */
const MAX_SENTENCE = 600;
const SHOWN_AT_ENDS = 200;

/** A sentence without the middle of what is too long to be read. */
const shortened = (text: string): string =>
  text.length > MAX_SENTENCE
    ? `${text.slice(0, SHOWN_AT_ENDS)} … ${text.slice(-SHOWN_AT_ENDS)}`
    : text;

/** More of them help nobody. */
const MAX_SHOWN = 10;

/** Flags come first. */
const inOrder = ({ where: a }: RecipeProblem, { where: b }: RecipeProblem): number => {
  if (a.kind === "flag" || b.kind === "flag")
    return Number(a.kind === "file") - Number(b.kind === "file");
  return a.line - b.line || a.column - b.column;
};

/** The text of one problem; what it quotes of a file may be long, or do things to a terminal. */
const problemText = (path: string, { where, message, hint }: RecipeProblem, hasHint: boolean) => {
  const said = `${placeText(path, where)}: ${shortened(message)}`;
  return visibleText(hasHint && hint ? `${said} ${shortened(hint)}` : said);
};

/** The error of a recipe: every problem on a line of its own, in the order of the file. */
export const recipeError = (path: string, problems: readonly RecipeProblem[]): QpruneError => {
  // A flag and a default may be wrong for many stages.
  const byText = new Map(problems.map((each) => [problemText(path, each, false), each]));
  const sorted = [...byText.values()].sort(inOrder);
  const isOne = sorted.length === 1;
  const different = sorted.map((each) => problemText(path, each, !isOne));
  const lines = different.slice(0, MAX_SHOWN);
  if (different.length > lines.length) lines.push(`and ${different.length - lines.length} more`);
  const own = isOne ? sorted[0]?.hint : undefined;
  return new QpruneError(lines.join("\n"), {
    kind: "usage",
    hint: visibleText(shortened(own || "docs/recipes.md tells what a recipe may say.")),
  });
};

/**
 * Ends the reading of a recipe where anything is wrong with it.
 * @throws QpruneError (usage) as {@link recipeError} has it.
 */
export const refuseProblems = (path: string, problems: readonly RecipeProblem[]): void => {
  if (problems.length > 0) throw recipeError(path, problems);
};
