import type { RecipeProblem } from "./recipe-problem.js";
import type { Where } from "./where.js";

/** What the order goes by: a stage, and the stages whose files it takes. */
export interface Linked {
  readonly name: string;
  readonly takesFrom: readonly { readonly stage: string; readonly where: Where }[];
}

/** A cycle that is met on the way along files from `name` back, with the reference that closes it. */
const cycleFrom = (
  name: string,
  byName: ReadonlyMap<string, Linked>,
): { readonly names: readonly string[]; readonly where: Where } | undefined => {
  const way = [name];
  for (let at = byName.get(name); at; ) {
    const next = at.takesFrom.find(({ stage }) => byName.has(stage));
    if (!next) return undefined;
    const seen = way.indexOf(next.stage);
    way.push(next.stage);
    if (seen >= 0) return { names: way.slice(seen).reverse(), where: next.where };
    at = byName.get(next.stage);
  }
  return undefined;
};

/**
 * The order in which stages can run: that of the file, but each behind those whose files it takes. Stages
 * that wait for each other in a circle are a problem.
 */
export const orderStages = (
  stages: readonly Linked[],
): { readonly names: string[]; readonly problems: RecipeProblem[] } => {
  const left = new Map(stages.map((stage) => [stage.name, stage]));
  const names: string[] = [];
  for (;;) {
    const next = [...left.values()].find(({ takesFrom }) =>
      takesFrom.every(({ stage }) => !left.has(stage)),
    );
    if (!next) break;
    left.delete(next.name);
    names.push(next.name);
  }
  const [first] = left.values();
  const cycle = first && cycleFrom(first.name, left);
  if (!cycle) return { names, problems: [] };
  const message = `the stages wait for each other: ${cycle.names.join(" -> ")}.`;
  return {
    names,
    problems: [{ where: cycle.where, message, hint: "Let one of them start from a file." }],
  };
};
