import { encodePng } from "../charts/encode-png.js";
import { type Html, html, trusted } from "../html.js";
import type { AugmentationSheet, AugmentedImage, DrawnImage } from "./augmentation-sheet.js";

/** The page fetches nothing and runs no scripts: it contains only text, styles and images. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** Small images are enlarged to about this width. */
const SHOWN_WIDTH = 96;

const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 1200px; padding: 20px 16px 48px; font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 4px; }
table { border-collapse: collapse; }
th, td { padding: 4px; text-align: left; vertical-align: top; font-weight: normal; font-size: .8rem; }
thead th { white-space: nowrap; }
tbody th { font-size: .875rem; overflow-wrap: anywhere; }
img { display: block; height: auto; image-rendering: pixelated; border-radius: 4px; }
.sheet { overflow-x: auto; }
`;

const dataUri = (png: Uint8Array): string =>
  `data:image/png;base64,${Buffer.from(png).toString("base64")}`;

const cell = (
  { pixels, label }: DrawnImage,
  { width, height }: AugmentationSheet,
  isLabeled: boolean,
): Html => {
  const shown = Math.max(width, SHOWN_WIDTH);
  const caption = isLabeled ? html`<small>${label}</small>` : html``;
  return html`<td><img src="${dataUri(encodePng(pixels, width, height))}" width="${shown}" alt="${label}">${caption}</td>`;
};

const row = ({ name, plain, drawn }: AugmentedImage, sheet: AugmentationSheet): Html => {
  const cells = drawn.map((each) => cell(each, sheet, each.label !== plain.label));
  return html`<tr><th>${name}</th>${cell(plain, sheet, true)}${cells}</tr>
`;
};

/** A sheet of augmented training images as one self-contained HTML page. */
export const augmentationPage = (sheet: AugmentationSheet): string => {
  const { dataSet, augmentation, images } = sheet;
  const epochs = (images[0]?.drawn ?? []).map((_, index) => html`<th>epoch ${index + 1}</th>`);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>qprune: augmentation of ${dataSet}</title>
<style>${trusted(STYLE)}</style></head><body>
<h1>Augmentation of ${dataSet}</h1>
<p>Created by qprune augment: ${augmentation.join(", ")}. Each row is a training image, first as it is tested, then as a net sees it in its first epochs.</p>
<div class="sheet"><table>
<thead><tr><th></th><th>tested</th>${epochs}</tr></thead>
<tbody>
${images.map((image) => row(image, sheet))}</tbody></table></div>
</body></html>
`.html;
};
