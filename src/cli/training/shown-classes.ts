import { visibleText } from "../../core/visible-text.js";

const MAX_SHOWN_CLASSES = 5;

/** The names of classes, of many the first ones. Example: "a, b, c, d, e and 5 more". */
export const shownClasses = (names: readonly string[]): string => {
  const more = names.length - MAX_SHOWN_CLASSES;
  const shown = names.slice(0, MAX_SHOWN_CLASSES).map(visibleText).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
};
