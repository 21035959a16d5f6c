import type { ComparedNet } from "../comparison.js";
import { type Html, html } from "./html.js";
import { pathText } from "./path-text.js";
import { shortNames } from "./short-names.js";

/** A text with the colour of net number `at` in front. */
export const key = (text: Html | string, at: number): Html =>
  html`<span class="key" style="--own: var(--series-${at})">${text}</span>`;

/** The colours of the nets by their letters, above charts: of those that are drawn there. */
export const letters = (
  nets: readonly ComparedNet[],
  isDrawn: (net: ComparedNet) => boolean = () => true,
): Html =>
  html`<ul class="legend">${nets.map((net, at) => (isDrawn(net) ? html`<li>${key(net.label, at)}</li>` : html``))}</ul>`;

/** The letter of a net and its file, with the colour in front; no line ends behind the letter. */
export const fileKey = (label: string, file: string, at: number): Html =>
  key(html`<span>${label}: ${pathText(file)}</span>`, at);

/** The headings of nets: the letter and as much of the file's path as tells it from the others. */
export const netHeadings = (nets: readonly ComparedNet[]): readonly Html[] => {
  const names = shortNames(nets.map(({ file }) => file));
  return nets.map(({ label }, at) => html`<h3>${fileKey(label, names[at] ?? "", at)}</h3>`);
};

/** Which letter and colour is which file. */
export const legend = (nets: readonly ComparedNet[]): Html =>
  html`<ul class="legend">${nets.map(({ label, file }, at) => html`<li>${fileKey(label, file, at)}</li>`)}</ul>`;
