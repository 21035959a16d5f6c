import { visibleText } from "../../../base/visible-text.js";

/** A piece of a page, whose texts are escaped. */
export interface Html {
  readonly html: string;
}

/** What a template takes: text is escaped, pieces and lists of pieces stand as they are. */
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
 * html`<p>${text}</p>`: a piece of a page with its texts escaped, what cannot be seen included: in a page, too, some
 * characters turn the text around them.
 */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: String.raw({ raw: strings }, ...parts.map(textOf)),
});

/** A text that is HTML already, such as a chart. */
export const trusted = (text: string): Html => ({ html: text });
