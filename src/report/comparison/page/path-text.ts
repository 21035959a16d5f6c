import { type Html, html } from "../../html.js";

/** The pieces of a path between which a line may break. */
const PIECES = /[^/\\_.]*[/\\_]+|\.?[^/\\_.]+|[/\\_.]+/g;

/** A path that may break after slashes and underscores and before dots. */
export const pathText = (path: string): Html => {
  const pieces = path.match(PIECES) ?? [];
  return html`${pieces.map((piece, index) => (index === 0 ? html`${piece}` : html`<wbr>${piece}`))}`;
};

/** A sentence whose paths may break like those of `pathText`. */
export const withPaths = (text: string): Html =>
  html`${text.split(" ").map((word, index) => {
    const shown = /[/\\]/.test(word) ? pathText(word) : html`${word}`;
    return index === 0 ? shown : html` ${shown}`;
  })}`;
