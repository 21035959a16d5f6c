import { relative } from "node:path";
import { encodePng } from "../../charts/encode-png.js";
import type { ChangedImage, ComparedImages, ComparedNet, ComparedTest } from "../comparison.js";
import { testImagesText } from "../test-images-text.js";
import { chartFigure } from "./chart-figure.js";
import { confusionChart } from "./confusion-chart.js";
import { drawnOnce } from "./drawn-once.js";
import { type Html, html } from "./html.js";
import { key, netHeadings } from "./key.js";
import { pathText, withPaths } from "./path-text.js";

const MOST_MISTAKES = 5;

/** The pairs of classes that a net mistakes most often. */
const mistakesText = ({ confusion }: ComparedTest, classNames: readonly string[]): string => {
  const mistakes = confusion
    .flatMap((row, truth) => row.map((count, chosen) => ({ count, truth, chosen })))
    .filter(({ count, truth, chosen }) => count > 0 && truth !== chosen)
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_MISTAKES)
    .map(({ count, truth, chosen }) => `${classNames[truth]} as ${classNames[chosen]} (${count})`);
  return mistakes.length === 0 ? "No mistakes." : `Most often: ${mistakes.join(", ")}.`;
};

/** A confusion matrix of every net. */
export const confusionSection = async (
  nets: readonly ComparedNet[],
  { classNames, count }: ComparedImages,
): Promise<Html> => {
  const figures: Html[] = [];
  const headings = netHeadings(nets);
  const once = drawnOnce(nets, ({ test }) => test?.confusion);
  for (const [at, { test }] of nets.entries()) {
    if (!test || !once.isDrawn(at)) continue;
    const title = headings[at] ?? html``;
    const caption = `${test.correct} of ${count} right. ${mistakesText(test, classNames)}`;
    figures.push(await chartFigure(confusionChart(test, classNames), { title, caption }));
  }
  return html`<section><h2>Confusion</h2>
<p class="note">Test images by their class (rows) and the class that a net gives them (columns): right ones on the diagonal, mistakes beside it. The stronger a cell, the larger its share of the row, by its root, so that rare mistakes are seen.</p>${once.note}
<div class="charts">${figures}</div></section>`;
};

const dataUri = (png: Uint8Array): string =>
  `data:image/png;base64,${Buffer.from(png).toString("base64")}`;

/** Which image it is: its file in the folder of all, or its number where images are not files. */
const imageText = ({ file, index }: ChangedImage, { folder }: ComparedImages): Html =>
  file === null ? html`(no. ${index})` : pathText(relative(folder ?? "", file));

const imageFigure = (
  image: ChangedImage,
  nets: readonly ComparedNet[],
  images: ComparedImages,
): Html => {
  const { index, file, pixels, truth, chosen } = image;
  const { classNames, width, height } = images;
  const name = (label: number): string => classNames[label] ?? String(label);
  const said = chosen.map(
    (label, at) =>
      html`<br>${key(`${nets[at]?.label}: ${name(label)}${label === truth ? ", right" : ""}`, at)}`,
  );
  return html`<figure><img src="${dataUri(encodePng(pixels, width, height))}" width="${width}" height="${height}" alt="${file ?? `test image ${index}`}, ${name(truth)}">
<figcaption><b>${name(truth)}</b> <span class="note">${imageText(image, images)}</span>${said}</figcaption></figure>`;
};

/** The images that changed their class, one by one. */
export const changedSection = (nets: readonly ComparedNet[], images: ComparedImages): Html => {
  const { changed, changedCount, count } = images;
  const first = nets[0]?.label ?? "";
  const heading = html`<h2>Images that changed their class</h2>`;
  if (changedCount === 0) {
    return html`<section>${heading}<p>None: all nets give every one of the ${count} test images the same class as ${first}.</p></section>`;
  }
  const named = changed.some(({ file }) => file !== null)
    ? "their files"
    : "their number among the test images, from 0";
  const figures = changed.map((image) => imageFigure(image, nets, images));
  return html`<section>${heading}
<p class="note">${withPaths(`The nets disagree on ${changedCount} of the ${count} ${testImagesText(images)}.`)} ${changed.length} of them are shown, with their own class in bold and ${named}.</p>
<div class="images">${figures}</div></section>`;
};
