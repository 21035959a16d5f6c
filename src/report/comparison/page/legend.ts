import { type Html, html } from "../../html.js";
import type { ComparedNet } from "../comparison.js";
import { pathText } from "./path-text.js";
import { shortNames } from "./short-names.js";

/** A text preceded by the color of net `index`. */
export const key = (text: Html | string, index: number): Html =>
  html`<span class="key" style="--own: var(--series-${index})">${text}</span>`;

/** A legend of colors and letters, for the nets that are drawn. */
export const letters = (
  nets: readonly ComparedNet[],
  isDrawn: (net: ComparedNet) => boolean = () => true,
): Html =>
  html`<ul class="legend">${nets.map((net, index) => (isDrawn(net) ? html`<li>${key(net.label, index)}</li>` : html``))}</ul>`;

/** The color, letter and file of a net; no line breaks after the letter. */
export const fileKey = (label: string, file: string, index: number): Html =>
  key(html`<span>${label}: ${pathText(file)}</span>`, index);

/** The headings of nets: the letter, and as much of the file's path as distinguishes it from the others. */
export const netHeadings = (nets: readonly ComparedNet[]): readonly Html[] => {
  const names = shortNames(nets.map(({ file }) => file));
  return nets.map(
    ({ label }, index) => html`<h3>${fileKey(label, names[index] ?? "", index)}</h3>`,
  );
};

/** A legend of colors, letters and files. */
export const legend = (nets: readonly ComparedNet[]): Html =>
  html`<ul class="legend">${nets.map(({ label, file }, index) => html`<li>${fileKey(label, file, index)}</li>`)}</ul>`;
