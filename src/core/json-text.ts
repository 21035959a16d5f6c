/** What JSON.stringify leaves as it is, though it cannot be seen or controls a terminal. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const unitEscape = (unit: string): string =>
  `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A value as JSON on one line that is safe to print; it reads as the same value. */
export const jsonText = (value: unknown): string =>
  // Outside the ranges of one unit, a character is written as the two that UTF-16 has for it.
  JSON.stringify(value).replace(UNSEEN, (sign) => sign.split("").map(unitEscape).join(""));
