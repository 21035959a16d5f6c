import type { ComparedNet } from "../comparison.js";
import { type Html, html } from "./html.js";

/** A text with the colour of net number `at` in front. */
export const key = (text: string, at: number): Html =>
  html`<span class="key" style="--own: var(--series-${at})">${text}</span>`;

/** Which colour is which file. */
export const legend = (nets: readonly ComparedNet[]): Html =>
  html`<ul class="legend">${nets.map(({ label, file }, at) => html`<li>${key(`${label}: ${file}`, at)}</li>`)}</ul>`;
