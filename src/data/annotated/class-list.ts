import { annotationError, readAnnotations } from "./read-annotations.js";

/** Names of a million classes. */
const MAX_LIST_BYTES = 16 * 1024 * 1024;

/** @throws QpruneError unless all names are different, and there is at least one. */
export const checkClassNames = (names: readonly string[], path: string): void => {
  if (names.length === 0)
    throw annotationError(path, "it names no classes", "Write one name per class.");
  const seen = new Set<string>();
  const repeated = names.find((name) => seen.size === seen.add(name).size);
  if (repeated === undefined) return;
  throw annotationError(
    path,
    `the class ${repeated} is named twice`,
    "Give every class its own name.",
  );
};

/** Reads a list of class names, one per line. @throws QpruneError if it is empty, or a name occurs twice. */
export const readClassList = async (path: string): Promise<string[]> => {
  const text = await readAnnotations(path, MAX_LIST_BYTES);
  const names = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  checkClassNames(names, path);
  return names;
};
