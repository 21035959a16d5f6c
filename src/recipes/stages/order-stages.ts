import type { RecipeProblem } from "../recipe-problem.js";
import type { Where } from "../where.js";

/** What the order goes by: a stage, and the stages whose files it takes. */
export interface Linked {
  readonly name: string;
  readonly takesFrom: readonly { readonly stage: string; readonly where: Where }[];
}

/** Stages that wait for each other, and the reference that closes the circle. */
interface Cycle {
  readonly names: readonly string[];
  readonly where: Where;
}

/** The cycle that is met on the way back from a stage, of which each waits for another. */
const cycleFrom = (first: Linked, byName: ReadonlyMap<string, Linked>): Cycle => {
  const way = [first.name];
  for (let at: Linked | undefined = first; at; ) {
    const next = at.takesFrom.find(({ stage }) => byName.has(stage));
    if (!next) break;
    const seen = way.indexOf(next.stage);
    way.push(next.stage);
    if (seen >= 0) return { names: way.slice(seen).reverse(), where: next.where };
    at = byName.get(next.stage);
  }
  throw new Error(`${first.name} waits for no stage`);
};

const cycleProblem = ({ names, where }: Cycle): RecipeProblem => ({
  where,
  message: `the stages wait for each other: ${names.join(" -> ")}.`,
  hint: "Let one of them start from a file.",
});

/**
 * The order in which stages can run: that of the file, but each behind those whose files it takes. Stages
 * that wait for each other in a circle are a problem.
 */
export const orderStages = (
  stages: readonly Linked[],
): { readonly names: string[]; readonly problems: RecipeProblem[] } => {
  const left = new Map(stages.map((stage) => [stage.name, stage]));
  const names: string[] = [];
  const problems: RecipeProblem[] = [];
  while (left.size > 0) {
    const waiting = [...left.values()];
    const next = waiting.find(({ takesFrom }) => takesFrom.every(({ stage }) => !left.has(stage)));
    const cycle = next ? undefined : cycleFrom(waiting[0] as Linked, left);
    if (next) names.push(next.name);
    if (cycle) problems.push(cycleProblem(cycle));
    // What only waits for a circle is no problem of its own.
    for (const name of cycle?.names ?? [next?.name ?? ""]) left.delete(name);
  }
  return { names, problems };
};
