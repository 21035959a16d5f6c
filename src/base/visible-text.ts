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

/** What controls a terminal, and what cannot be seen or turns a text around. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0]/gu;

/** A text on one line, what cannot be seen escaped as within YAML's double quotes. */
export const visibleText = (text: string): string => text.replace(CONTROL, escaped);

/** Of what cannot be seen, what lays a text out. */
const LAYOUT = new Set(["\n", "\t", "\u00a0"]);

/** A text of several lines: what controls a terminal or turns a text around is escaped, line feeds and tabs stay. */
export const visibleLines = (text: string): string =>
  text.replace(CONTROL, (control) => (LAYOUT.has(control) ? control : escaped(control)));

/**
 * A value as JSON in which every character can be seen: what cannot is written as JSON's own escapes, so that it
 * is read as the same value. @param indent spaces for each level; without it everything is on one line.
 */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(CONTROL, (control) =>
    control === "\n"
      ? control
      : control.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );

/** Longer texts are cut where they are quoted. */
const LONGEST_QUOTED = 80;

/** A text of a file as a message quotes it: short, in double quotes, on one line, with what cannot be seen escaped. */
export const quoted = (text: string): string =>
  visibleText(
    JSON.stringify(text.length > LONGEST_QUOTED ? `${text.slice(0, LONGEST_QUOTED)}…` : text),
  );
