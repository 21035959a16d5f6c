/** A class name in Unicode's composed form: macOS stores an é as two characters, other systems as one. */
export const className = (folderName: string): string => folderName.normalize("NFC");

/** Whether two names denote the same class. */
export const isSameClass = (one: string, other: string): boolean =>
  className(one) === className(other);

/** Whether two lists contain the same classes in the same order. */
export const areSameClasses = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length &&
  some.every((name, index) => isSameClass(name, others[index] ?? ""));
