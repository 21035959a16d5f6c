import { QpruneError } from "../core/errors.js";
import { placeText, type Where } from "./where.js";

/** Something that is wrong with a recipe, as a sentence. */
export interface RecipeProblem {
  readonly where: Where;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** More of them help nobody. */
const MAX_SHOWN = 20;

const lineOf = ({ where }: RecipeProblem): number => (where.kind === "file" ? where.line : 0);

/**
 * Ends the reading of a recipe where anything is wrong with it.
 * @throws QpruneError (usage) with every problem on a line of its own, in the order of the file.
 */
export const refuseProblems = (path: string, problems: readonly RecipeProblem[]): void => {
  const [first] = problems;
  if (!first) return;
  const sorted = [...problems].sort((a, b) => lineOf(a) - lineOf(b));
  const lines = sorted.slice(0, MAX_SHOWN).map(({ where, message, hint }) => {
    const advice = problems.length > 1 && hint ? ` ${hint}` : "";
    return `${placeText(path, where)}: ${message}${advice}`;
  });
  const more = problems.length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  throw new QpruneError(lines.join("\n"), {
    kind: "usage",
    hint: (problems.length === 1 && first.hint) || "docs/recipes.md tells what a recipe may say.",
  });
};
