/** A class name in Unicode's composed form: macOS stores an é as two characters, other systems as one. */
export const className = (folderName: string): string => folderName.normalize("NFC");

/** Names for classes of which only the number is known: class 0, class 1, … */
export const numberedClasses = (count: number): string[] =>
  Array.from({ length: count }, (_, label) => `class ${label}`);

/** Whether names only number the classes. */
export const areNumbered = (names: readonly string[]): boolean =>
  areSameClasses(names, numberedClasses(names.length));

/** Whether two names denote the same class. */
export const isSameClass = (one: string, other: string): boolean =>
  className(one) === className(other);

/** Whether two lists contain the same classes in the same order. */
export const areSameClasses = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length &&
  some.every((name, index) => isSameClass(name, others[index] ?? ""));
