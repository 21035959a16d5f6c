import { type Html, html } from "./html.js";

/** What follows a separator, or begins with the dot of an ending, up to where a line may break next. */
const PIECES = /[^/\\_.]*[/\\_]+|\.?[^/\\_.]+|[/\\_.]+/g;

/** A path that breaks behind its slashes and underscores and before its dots, where a line has no room for it. */
export const pathText = (path: string): Html => {
  const pieces = path.match(PIECES) ?? [];
  return html`${pieces.map((piece, at) => (at === 0 ? html`${piece}` : html`<wbr>${piece}`))}`;
};

/** A sentence whose paths break as `pathText` has it. */
export const withPaths = (text: string): Html =>
  html`${text.split(" ").map((word, at) => {
    const shown = /[/\\]/.test(word) ? pathText(word) : html`${word}`;
    return at === 0 ? shown : html` ${shown}`;
  })}`;
