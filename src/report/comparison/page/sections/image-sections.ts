import { relative } from "node:path";
import { encodePng } from "../../../charts/encode-png.js";
import { type Html, html } from "../../../html.js";
import type { ChangedImage, ComparedImages, ComparedNet, ComparedTest } from "../../comparison.js";
import { testImagesText } from "../../test-images-text.js";
import { chartFigure } from "../charts/chart-figure.js";
import { confusionChart } from "../charts/confusion-chart.js";
import { key, netHeadings } from "../legend.js";
import { pathText, withPaths } from "../path-text.js";
import { skipDuplicates } from "./skip-duplicates.js";

const MAX_MISTAKES = 5;

/** The most frequent mistakes of a net, as pairs of classes. */
const mistakesText = ({ confusion }: ComparedTest, classNames: readonly string[]): string => {
  const mistakes = confusion
    .flatMap((row, truth) => row.map((count, chosen) => ({ count, truth, chosen })))
    .filter(({ count, truth, chosen }) => count > 0 && truth !== chosen)
    .sort((a, b) => b.count - a.count)
    .slice(0, MAX_MISTAKES)
    .map(({ count, truth, chosen }) => `${classNames[truth]} as ${classNames[chosen]} (${count})`);
  return mistakes.length === 0 ? "No mistakes." : `Most often: ${mistakes.join(", ")}.`;
};

/** The confusion matrices of all nets. */
export const confusionSection = async (
  nets: readonly ComparedNet[],
  { classNames, count }: ComparedImages,
): Promise<Html> => {
  const figures: Html[] = [];
  const headings = netHeadings(nets);
  const unique = skipDuplicates(nets, ({ test }) => test?.confusion);
  for (const [index, { test }] of nets.entries()) {
    if (!test || !unique.isDrawn(index)) continue;
    const title = headings[index] ?? html``;
    const caption = `${test.correct} of ${count} right. ${mistakesText(test, classNames)}`;
    figures.push(await chartFigure(confusionChart(test, classNames), { title, caption }));
  }
  return html`<section><h2>Confusion</h2>
<p class="note">Test images by true class (rows) and predicted class (columns): correct ones on the diagonal, mistakes elsewhere. The color of a cell grows with the square root of its share of the row, so that rare mistakes are visible.</p>${unique.note}
<div class="charts">${figures}</div></section>`;
};

const dataUri = (png: Uint8Array): string =>
  `data:image/png;base64,${Buffer.from(png).toString("base64")}`;

/** Identifies an image: its path in the folder, or its index if images are not files. */
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
  const predictions = chosen.map(
    (label, net) =>
      html`<br>${key(`${nets[net]?.label}: ${name(label)}${label === truth ? ", right" : ""}`, net)}`,
  );
  return html`<figure><img src="${dataUri(encodePng(pixels, width, height))}" width="${width}" height="${height}" alt="${file ?? `test image ${index}`}, ${name(truth)}">
<figcaption><b>${name(truth)}</b> <span class="note">${imageText(image, images)}</span>${predictions}</figcaption></figure>`;
};

/** The images with a changed class, one by one. */
export const changedSection = (nets: readonly ComparedNet[], images: ComparedImages): Html => {
  const { changed, changedCount, count } = images;
  const first = nets[0]?.label ?? "";
  const heading = html`<h2>Images with a changed class</h2>`;
  if (changedCount === 0) {
    return html`<section>${heading}<p>None: all nets predict the same class as ${first} for every one of the ${count} test images.</p></section>`;
  }
  const named = changed.some(({ file }) => file !== null)
    ? "their files"
    : "their index among the test images, from 0";
  const figures = changed.map((image) => imageFigure(image, nets, images));
  return html`<section>${heading}
<p class="note">${withPaths(`The nets disagree on ${changedCount} of the ${count} ${testImagesText(images)}.`)} ${changed.length} of them are shown, with the true class in bold and ${named}.</p>
<div class="images">${figures}</div></section>`;
};
