import type { DataSet } from "../../data/data-set.js";
import type { ChangedImage } from "../../report/comparison/comparison.js";
import { testImageBytes } from "./image-bytes.js";

/** People do not look at more images one by one. */
const MAX_SHOWN = 24;

/**
 * The first test images that a net classifies differently than the first net, with a fair share for each net, and the
 * number of all such images.
 */
export const changedImages = (
  dataSet: DataSet,
  chosen: readonly Int32Array[],
): { readonly changed: readonly ChangedImage[]; readonly changedCount: number } => {
  const { labels, count, paths } = dataSet.test;
  const [first, ...others] = chosen;
  const indices = Array.from({ length: count }, (_, index) => index);
  const changedByNet = others.map((net) =>
    indices.filter((index) => net[index] !== first?.[index]),
  );
  const share = Math.ceil(MAX_SHOWN / others.length);
  const all = new Set(changedByNet.flat());
  const fairShares = changedByNet.flatMap((own) => own.slice(0, share));
  // Nets often change the same images; others fill the rest.
  const shown = [...new Set([...fairShares, ...all])].slice(0, MAX_SHOWN).sort((a, b) => a - b);
  const pixels = testImageBytes(dataSet, shown);
  const changed = shown.map((index, position) => ({
    index,
    file: paths?.[index] ?? null,
    pixels: pixels[position] as Uint8Array,
    truth: labels[index] as number,
    chosen: chosen.map((net) => net[index] as number),
  }));
  return { changed, changedCount: all.size };
};
