import { visibleText } from "../base/visible-text.js";

/** A part of a page, with escaped texts. */
export interface Html {
  readonly html: string;
}

/** An argument of a template: texts are escaped; parts and lists of parts are inserted unchanged. */
type Part = Html | readonly Html[] | string | number;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string =>
  visibleText(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? "");

const textOf = (part: Part): string => {
  if (typeof part === "string" || typeof part === "number") return escaped(String(part));
  return "html" in part ? part.html : part.map(({ html }) => html).join("");
};

/**
 * html`<p>${text}</p>`: a part of a page whose texts are escaped. Invisible characters are escaped, too, since some reverse
 * the text around them.
 */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: String.raw({ raw: strings }, ...parts.map(textOf)),
});

/** A text that already is HTML, such as a chart. */
export const trusted = (text: string): Html => ({ html: text });
