import { visibleText } from "../../base/visible-text.js";

/** What a net makes of one image. */
export interface ClassProbability {
  /** The class's name, or its number where the file tells no names. */
  readonly class: string;
  readonly index: number;
  /** 0 to 1; those of all classes sum to 1. */
  readonly probability: number;
}

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

/** An image's classes in lines. */
export const predictionText = (name: string, top: readonly ClassProbability[]): string => {
  const lines = top.map(
    (each) =>
      `  ${`${(100 * each.probability).toFixed(2)}%`.padStart(7)}  ${visibleText(each.class)}\n`,
  );
  return `${visibleText(name)}\n${lines.join("")}`;
};
