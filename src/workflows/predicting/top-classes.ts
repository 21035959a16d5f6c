import type { ClassProbability } from "../events.js";

/** The most probable classes, the first one first; of equal ones the one with the smaller number. */
export const topClasses = (
  probabilities: readonly number[],
  names: readonly string[],
  count: number,
): ClassProbability[] =>
  probabilities
    .map((probability, index) => ({ class: names[index] ?? String(index), index, probability }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, count);
