import { type Html, html } from "./html.js";

/** A call of its own, whose lines break between its words: at the hyphens of a flag no line ends. */
export const commandText = (command: string): Html =>
  html`<span class="call">${command.split(" ").map((word, at) => html`${at === 0 ? "" : " "}<span class="word">${word}</span>`)}</span>`;
