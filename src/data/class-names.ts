/** A class name in the form that all systems agree on: macOS stores an é as two characters, others as one. */
export const className = (folderName: string): string => folderName.normalize("NFC");

/** Whether two names mean the same class. */
export const isSameClass = (one: string, other: string): boolean =>
  className(one) === className(other);

/** Whether two lists name the same classes in the same order. */
export const areSameClasses = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((name, at) => isSameClass(name, others[at] ?? ""));
