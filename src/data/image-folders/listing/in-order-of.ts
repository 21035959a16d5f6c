import { usageError } from "../../../core/errors.js";
import type { ImageList } from "./list-images.js";

/** @throws QpruneError (usage) naming the classes that one side has and the other has not. */
const checkSameClasses = (list: ImageList, expected: readonly string[], where: string): void => {
  const missing = expected.filter((name) => !list.classNames.includes(name));
  const more = list.classNames.filter((name) => !expected.includes(name));
  if (missing.length === 0 && more.length === 0) return;
  const shown = (names: readonly string[]): string =>
    names.length > 5
      ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more`
      : names.join(", ");
  const said = [
    ...(missing.length > 0 ? [`lacks ${shown(missing)}`] : []),
    ...(more.length > 0 ? [`has ${shown(more)} too`] : []),
  ];
  throw usageError(
    `The classes of ${list.folder} are not those of ${where}: it ${said.join(" and ")}.`,
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
    const images = list.byClass[list.classNames.indexOf(name)] ?? [];
    return images.map((image) => ({ ...image, label }));
  });
  return { ...list, classNames: expected, byClass };
};
