import { visibleLines } from "../../base/visible-text.js";
import type { Output } from "../command.js";

/** The sequences that chalk writes: colors and styles. They cannot move the cursor or send anything. */
const STYLE = new RegExp(`(${String.fromCharCode(0x1b)}\\[[\\d;]*m)`);

/** Escapes all control characters and bidirectional overrides in a text, except for styles. */
const visibleStyled = (text: string): string =>
  text
    .split(STYLE)
    .map((part, index) => (index % 2 === 1 ? part : visibleLines(part)))
    .join("");

/** An output on which text from files cannot control the terminal. */
export const visibleOutput = (output: Output): Output => ({
  ...output,
  write: (text) => output.write(visibleStyled(text)),
});
