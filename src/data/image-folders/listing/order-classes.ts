import { usageError } from "../../../base/errors.js";
import { shownNames } from "../../../base/shown-names.js";
import { visibleText } from "../../../base/visible-text.js";
import { isSameClass } from "../../class-names.js";
import type { ImageList } from "./list-images.js";

const missingFrom = (others: readonly string[], names: readonly string[]): string[] =>
  names.filter((name) => !others.some((other) => isSameClass(name, other)));

/** @throws QpruneError (usage) that names the classes of only one of the two sides. */
const checkSameClasses = (list: ImageList, expected: readonly string[], where: string): void => {
  const missing = missingFrom(list.classNames, expected);
  const extra = missingFrom(expected, list.classNames);
  if (missing.length === 0 && extra.length === 0) return;
  const differences = [
    ...(missing.length > 0 ? [`lacks ${shownNames(missing)}`] : []),
    ...(extra.length > 0 ? [`also has ${shownNames(extra)}`] : []),
  ];
  throw usageError(
    `The classes of ${visibleText(list.folder)} are not those of ${visibleText(where)}: it ${differences.join(" and ")}.`,
    "Give both the same class folders.",
  );
};

/**
 * Reorders a list so that its classes come in the order of `expected`.
 * @param where whose classes are expected, for the error message
 * @throws QpruneError (usage) if the classes differ.
 */
export const orderClasses = (
  list: ImageList,
  expected: readonly string[],
  where: string,
): ImageList => {
  checkSameClasses(list, expected, where);
  const byClass = expected.map((name, label) => {
    const index = list.classNames.findIndex((each) => isSameClass(name, each));
    return (list.byClass[index] ?? []).map((image) => ({ ...image, label }));
  });
  return { ...list, classNames: expected, byClass };
};
