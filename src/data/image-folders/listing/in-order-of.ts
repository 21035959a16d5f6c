import { usageError } from "../../../base/errors.js";
import { shownNames } from "../../../base/shown-names.js";
import { visibleText } from "../../../base/visible-text.js";
import { isSameClass } from "../../class-names.js";
import type { ImageList } from "./list-images.js";

const lackedBy = (names: readonly string[], others: readonly string[]): string[] =>
  names.filter((name) => !others.some((other) => isSameClass(name, other)));

/** @throws QpruneError (usage) naming the classes that one side has and the other has not. */
const checkSameClasses = (list: ImageList, expected: readonly string[], where: string): void => {
  const missing = lackedBy(expected, list.classNames);
  const more = lackedBy(list.classNames, expected);
  if (missing.length === 0 && more.length === 0) return;
  const said = [
    ...(missing.length > 0 ? [`lacks ${shownNames(missing)}`] : []),
    ...(more.length > 0 ? [`has ${shownNames(more)} too`] : []),
  ];
  throw usageError(
    `The classes of ${visibleText(list.folder)} are not those of ${visibleText(where)}: it ${said.join(" and ")}.`,
    "Give both the same class folders.",
  );
};

/**
 * A list with its classes in the order of `expected`.
 * @throws QpruneError (usage) where its classes are others; `where` says whose classes are expected.
 */
export const inOrderOf = (
  list: ImageList,
  expected: readonly string[],
  where: string,
): ImageList => {
  checkSameClasses(list, expected, where);
  const byClass = expected.map((name, label) => {
    const at = list.classNames.findIndex((each) => isSameClass(name, each));
    return (list.byClass[at] ?? []).map((image) => ({ ...image, label }));
  });
  return { ...list, classNames: expected, byClass };
};
