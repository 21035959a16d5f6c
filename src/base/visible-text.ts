const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

const escaped = (control: string): string => {
  const code = (control.codePointAt(0) ?? 0).toString(16);
  if (code.length > 4) return `\\U${code.padStart(8, "0")}`;
  const long = code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  return SHORT_ESCAPES[control] ?? long;
};

/** Characters that control a terminal, are invisible, or reverse the direction of text. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0]/gu;

/** A text on one line, with invisible characters escaped as in YAML's double quotes. */
export const visibleText = (text: string): string => text.replace(CONTROL, escaped);

/** Invisible characters that lay out a text. */
const LAYOUT = new Set(["\n", "\t", "\u00a0"]);

/** A text of several lines: characters that control a terminal or reverse text are escaped; line feeds and tabs remain. */
export const visibleLines = (text: string): string =>
  text.replace(CONTROL, (control) => (LAYOUT.has(control) ? control : escaped(control)));

/**
 * A value as JSON with only visible characters: invisible ones are written as JSON escapes, so that parsing yields the
 * same value.
 * @param indent spaces per level; without it everything is on one line
 */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(CONTROL, (control) =>
    control === "\n"
      ? control
      : control.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );

/** Longer texts are truncated when quoted. */
const LONGEST_QUOTED = 80;

/** A text from a file, as messages quote it: short, in double quotes, on one line, with invisible characters escaped. */
export const quoted = (text: string): string =>
  visibleText(
    JSON.stringify(text.length > LONGEST_QUOTED ? `${text.slice(0, LONGEST_QUOTED)}…` : text),
  );
