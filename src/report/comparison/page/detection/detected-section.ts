import type { Box } from "../../../../boxes/box.js";
import { encodePng } from "../../../charts/encode-png.js";
import { type Html, html } from "../../../html.js";
import type { ComparedImages, ComparedNet, DetectedImage } from "../../comparison.js";
import { testImagesText } from "../../test-images-text.js";
import { key } from "../legend.js";
import { withPaths } from "../path-text.js";

/** Pixels of the longer side of an image on the page; small ones are enlarged. */
const SHOWN_SIDE = 192;

const dataUri = (png: Uint8Array): string =>
  `data:image/png;base64,${Buffer.from(png).toString("base64")}`;

/** A box with a text above it, or inside at the upper edge of the image. */
const boxMark = ({ left, top, width, height }: Box, text: string, color: string, size: number) => {
  const y = top < 1.2 * size ? top + size : top - 0.2 * size;
  return html`<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="${color}" stroke-width="1.5" vector-effect="non-scaling-stroke"/><text x="${left}" y="${y}" font-size="${size}" fill="${color}">${text}</text>`;
};

/** An image with boxes over it. */
const boxedImage = (
  { pixels }: DetectedImage,
  { width, height }: ComparedImages,
  marks: readonly Html[],
  alt: string,
): Html => {
  const scale = SHOWN_SIDE / Math.max(width, height);
  return html`<svg viewBox="0 0 ${width} ${height}" width="${Math.round(width * scale)}" height="${Math.round(height * scale)}" role="img" aria-label="${alt}"><image href="${dataUri(encodePng(pixels, width, height))}" width="${width}" height="${height}"/>${marks}</svg>`;
};

const percentText = (score: number): string => `${Math.round(100 * score)}%`;

const imageRow = (
  image: DetectedImage,
  nets: readonly ComparedNet[],
  images: ComparedImages,
): Html => {
  const { classNames, width } = images;
  const size = width / 14;
  const name = (label: number): string => classNames[label] ?? String(label);
  const truth = boxedImage(
    image,
    images,
    image.truth.map((box) => boxMark(box, name(box.label), "#fff", size)),
    `test image ${image.index} with its ${image.truth.length} objects`,
  );
  const found = image.found.map((boxes, net) => {
    const color = `var(--series-${net})`;
    const marks = boxes.map((box) =>
      boxMark(box, `${name(box.label)} ${percentText(box.score)}`, color, size),
    );
    const alt = `what ${nets[net]?.label} finds in test image ${image.index}`;
    return html`<figure>${boxedImage(image, images, marks, alt)}<figcaption>${key(nets[net]?.label ?? "", net)}</figcaption></figure>`;
  });
  return html`<div class="images"><figure>${truth}<figcaption><b>objects</b> <span class="note">(no. ${image.index})</span></figcaption></figure>${found}</div>`;
};

/** Test images with their objects and with the boxes of each net, side by side. */
export const detectedSection = (
  nets: readonly ComparedNet[],
  images: ComparedImages,
  detected: readonly DetectedImage[],
): Html => {
  const rows = detected.map((image) => imageRow(image, nets, images));
  const { changedCount, count } = images;
  return html`<section><h2>Boxes</h2>
<p class="note">${withPaths(`The nets find other objects than ${nets[0]?.label ?? ""} in ${changedCount} of the ${count} ${testImagesText(images)}.`)} Shown are the objects as annotated, then the boxes of each net with scores of at least 50%: first images on which the nets differ, then others with mistakes.</p>
${rows}</section>`;
};
