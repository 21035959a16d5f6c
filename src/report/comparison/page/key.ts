import type { ComparedNet } from "../comparison.js";
import { type Html, html } from "./html.js";
import { pathText } from "./path-text.js";

/** A text with the colour of net number `at` in front. */
export const key = (text: Html | string, at: number): Html =>
  html`<span class="key" style="--own: var(--series-${at})">${text}</span>`;

/** The colours of the nets by their letters, above charts. */
export const letters = (nets: readonly ComparedNet[]): Html =>
  html`<ul class="legend">${nets.map(({ label }, at) => html`<li>${key(label, at)}</li>`)}</ul>`;

/** The letter of a net and its file, with the colour in front; no line ends behind the letter. */
export const fileKey = (label: string, file: string, at: number): Html =>
  key(html`<span>${label}: ${pathText(file)}</span>`, at);

/** A net's heading: its letter and its file's own name, which may be long enough without the folders. */
export const netHeading = ({ label, file }: ComparedNet, at: number): Html =>
  html`<h3>${fileKey(label, file.split(/[/\\]/).at(-1) ?? file, at)}</h3>`;

/** Which letter and colour is which file. */
export const legend = (nets: readonly ComparedNet[]): Html =>
  html`<ul class="legend">${nets.map(({ label, file }, at) => html`<li>${fileKey(label, file, at)}</li>`)}</ul>`;
