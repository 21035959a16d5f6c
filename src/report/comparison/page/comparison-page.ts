import { type Html, html, trusted } from "../../html.js";
import type { Comparison } from "../comparison.js";
import { testImagesText } from "../test-images-text.js";
import { detectedSection } from "./detection/detected-section.js";
import { curveSection } from "./detection/precision-recall-chart.js";
import { legend } from "./legend.js";
import { PAGE_STYLE } from "./page-style.js";
import { withPaths } from "./path-text.js";
import { againstSection } from "./sections/against-section.js";
import {
  accuracySection,
  codeSection,
  layerSection,
  trainingSection,
} from "./sections/chart-sections.js";
import { filesSection } from "./sections/files-section.js";
import { changedSection, confusionSection } from "./sections/image-sections.js";
import { numbersSection } from "./sections/numbers-section.js";
import { sensitivitySection } from "./sections/sensitivity-section.js";

/** The page fetches nothing and runs no scripts: it contains only text, styles, charts and images. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

const imageSections = async ({ nets, images }: Comparison): Promise<Html> => {
  if (images.kind === "none") return html``;
  if (images.detected)
    return html`${await curveSection(nets)}${detectedSection(nets, images, images.detected)}`;
  return html`${await confusionSection(nets, images)}${changedSection(nets, images)}`;
};

/**
 * A comparison as one self-contained HTML page.
 * @throws QpruneError if the library that draws charts is not installed.
 */
export const comparisonPage = async (comparison: Comparison): Promise<string> => {
  const { nets, images, sensitivity } = comparison;
  const names = nets.map(({ label }) => label).join(", ");
  const tested = images.kind === "tested" ? ` on ${images.count} ${testImagesText(images)}` : "";
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>qprune: comparison of ${names}</title>
<style>${trusted(PAGE_STYLE)}</style></head><body>
<h1>Comparison of ${nets.length} nets</h1>
<p class="note">${withPaths(`Created by qprune compare${tested}.`)}</p>${legend(nets)}
${numbersSection(comparison)}
${againstSection(comparison)}
${await accuracySection(nets)}
${await trainingSection(nets)}
${await layerSection(nets)}
${await codeSection(nets)}
${sensitivity ? await sensitivitySection(sensitivity) : html``}
${await imageSections(comparison)}
${filesSection(nets)}
</body></html>
`.html;
};
