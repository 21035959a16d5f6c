import { visibleText } from "./visible-text.js";

const MOST_SHOWN = 5;

/** Names for a sentence, only the first ones of many, with invisible characters escaped. Example: "a, b, c and 5 more". */
export const shownNames = (names: readonly string[], most = MOST_SHOWN): string => {
  const more = names.length - most;
  const shown = names.slice(0, most).map(visibleText).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
};
