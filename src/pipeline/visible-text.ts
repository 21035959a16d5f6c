/** Longer sentences quote something that nobody reads to its end. */
const MAX_SENTENCE = 600;
const SHOWN_AT_ENDS = 200;

/** A sentence without the middle of what is too long to be read. */
export const shortened = (text: string): string =>
  text.length > MAX_SENTENCE
    ? `${text.slice(0, SHOWN_AT_ENDS)} … ${text.slice(-SHOWN_AT_ENDS)}`
    : text;

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

const escaped = (control: string): string =>
  SHORT_ESCAPES[control] ?? `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`;

/** Of C0, DEL and C1. */
const CONTROL = /\p{Cc}/gu;

/** A text on one line, whose control characters are escaped as within YAML's double quotes. */
export const visibleText = (text: string): string => text.replace(CONTROL, escaped);
