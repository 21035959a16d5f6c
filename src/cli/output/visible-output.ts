import { visibleLines } from "../../base/visible-text.js";
import type { Output } from "../command.js";

/** What chalk writes: colors and styles, which move nothing and send nothing. */
const STYLE = new RegExp(`(${String.fromCharCode(0x1b)}\\[[\\d;]*m)`);

/** A text for a terminal: styles stay; every other control character, and what turns a text around, is escaped. */
const visibleStyled = (text: string): string =>
  text
    .split(STYLE)
    .map((part, at) => (at % 2 === 1 ? part : visibleLines(part)))
    .join("");

/** An output that lets nothing of a file control the terminal, wherever it came into a text. */
export const visibleOutput = (output: Output): Output => ({
  ...output,
  write: (text) => output.write(visibleStyled(text)),
});
