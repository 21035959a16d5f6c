import type { ComparedNet } from "../comparison.js";
import { type Html, html } from "./html.js";

/** A text with the colour of net number `at` in front. */
export const key = (text: string, at: number): Html =>
  html`<span class="key" style="--own: var(--series-${at})">${text}</span>`;

/** The colours of the nets by their letters, above charts. */
export const letters = (nets: readonly ComparedNet[]): Html =>
  html`<ul class="legend">${nets.map(({ label }, at) => html`<li>${key(label, at)}</li>`)}</ul>`;

/** A net's heading: its letter and its file's own name, which may be long enough without the folders. */
export const netHeading = ({ label, file }: ComparedNet, at: number): Html =>
  html`<h3>${key(`${label}: ${file.split(/[/\\]/).at(-1) ?? file}`, at)}</h3>`;

/** Which letter and colour is which file. */
export const legend = (nets: readonly ComparedNet[]): Html =>
  html`<ul class="legend">${nets.map(({ label, file }, at) => html`<li>${key(`${label}: ${file}`, at)}</li>`)}</ul>`;
