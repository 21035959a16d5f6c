import { QpruneError } from "../core/errors.js";
import { placeText, type Where } from "./where.js";

/** Something that is wrong with a recipe, as a sentence. */
export interface RecipeProblem {
  readonly where: Where;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** More of them help nobody. */
const MAX_SHOWN = 10;

/** Flags come first. */
const inOrder = ({ where: a }: RecipeProblem, { where: b }: RecipeProblem): number => {
  if (a.kind === "flag" || b.kind === "flag")
    return Number(a.kind === "file") - Number(b.kind === "file");
  return a.line - b.line || a.column - b.column;
};

/**
 * Ends the reading of a recipe where anything is wrong with it.
 * @throws QpruneError (usage) with every problem on a line of its own, in the order of the file.
 */
export const refuseProblems = (path: string, problems: readonly RecipeProblem[]): void => {
  const [first] = problems;
  if (!first) return;
  const sorted = [...problems].sort(inOrder);
  const texts = sorted.map(({ where, message, hint }) => {
    const advice = problems.length > 1 && hint ? ` ${hint}` : "";
    return `${placeText(path, where)}: ${message}${advice}`;
  });
  // A flag may be wrong for many stages.
  const different = [...new Set(texts)];
  const lines = different.slice(0, MAX_SHOWN);
  if (different.length > lines.length) lines.push(`and ${different.length - lines.length} more`);
  throw new QpruneError(lines.join("\n"), {
    kind: "usage",
    hint: (problems.length === 1 && first.hint) || "docs/recipes.md tells what a recipe may say.",
  });
};
