import { visibleText } from "../../base/visible-text.js";
import type { ClassProbability } from "../../workflows/events.js";

/** An image's classes in lines. */
export const predictionText = (image: string, predictions: readonly ClassProbability[]): string => {
  const lines = predictions.map(
    (each) =>
      `  ${`${(100 * each.probability).toFixed(2)}%`.padStart(7)}  ${visibleText(each.class)}\n`,
  );
  return `${visibleText(image)}\n${lines.join("")}`;
};
