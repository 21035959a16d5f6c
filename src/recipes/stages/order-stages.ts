import type { RecipeProblem } from "../recipe-problem.js";
import type { SourceLocation } from "../source-location.js";

/** A stage, and the stages whose output it reads. */
export interface LinkedStage {
  readonly name: string;
  readonly dependsOn: readonly { readonly stage: string; readonly location: SourceLocation }[];
}

/** Stages that depend on each other, and the reference that closes the cycle. */
interface Cycle {
  readonly names: readonly string[];
  readonly location: SourceLocation;
}

/** The cycle reached by following dependencies from a stage. Every stage must depend on another one. */
const cycleFrom = (first: LinkedStage, byName: ReadonlyMap<string, LinkedStage>): Cycle => {
  const path = [first.name];
  for (let current: LinkedStage | undefined = first; current; ) {
    const next = current.dependsOn.find(({ stage }) => byName.has(stage));
    if (!next) break;
    const seen = path.indexOf(next.stage);
    path.push(next.stage);
    if (seen >= 0) return { names: path.slice(seen).reverse(), location: next.location };
    current = byName.get(next.stage);
  }
  throw new Error(`${first.name} does not depend on a stage`);
};

const cycleProblem = ({ names, location }: Cycle): RecipeProblem => ({
  location,
  message: `the stages depend on each other: ${names.join(" -> ")}.`,
  hint: "Let one of them start from a file.",
});

/**
 * The order in which stages can run: that of the file, with each stage after those that it depends on. Cycles are
 * problems.
 */
export const orderStages = (
  stages: readonly LinkedStage[],
): { readonly names: string[]; readonly problems: RecipeProblem[] } => {
  const left = new Map(stages.map((stage) => [stage.name, stage]));
  const names: string[] = [];
  const problems: RecipeProblem[] = [];
  while (left.size > 0) {
    const waiting = [...left.values()];
    const next = waiting.find(({ dependsOn }) => dependsOn.every(({ stage }) => !left.has(stage)));
    const cycle = next ? undefined : cycleFrom(waiting[0] as LinkedStage, left);
    if (next) names.push(next.name);
    if (cycle) problems.push(cycleProblem(cycle));
    // Stages that merely depend on a cycle are not problems themselves.
    for (const name of cycle?.names ?? [next?.name ?? ""]) left.delete(name);
  }
  return { names, problems };
};
