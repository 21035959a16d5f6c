import type { DataSet } from "../../data/data-set.js";
import type { ChangedImage } from "../../report/comparison/comparison.js";
import { testImageBytes } from "./image-bytes.js";

/** So many are looked at one by one. */
const MOST_SHOWN = 24;

/** The first images of the test set to which some net gives another class than the first net, of each net some. */
export const changedImages = (
  dataSet: DataSet,
  chosen: readonly Int32Array[],
): { readonly changed: readonly ChangedImage[]; readonly changedCount: number } => {
  const { labels, count, paths } = dataSet.test;
  const [first, ...others] = chosen;
  const indices = Array.from({ length: count }, (_, index) => index);
  const ofNets = others.map((net) => indices.filter((index) => net[index] !== first?.[index]));
  const share = Math.ceil(MOST_SHOWN / others.length);
  const all = new Set(ofNets.flat());
  const ofEach = ofNets.flatMap((own) => own.slice(0, share));
  // Nets often change the same images, which leaves room for more.
  const shown = [...new Set([...ofEach, ...all])].slice(0, MOST_SHOWN).sort((a, b) => a - b);
  const pixels = testImageBytes(dataSet, shown);
  const changed = shown.map((index, at) => ({
    index,
    file: paths?.[index] ?? null,
    pixels: pixels[at] as Uint8Array,
    truth: labels[index] as number,
    chosen: chosen.map((net) => net[index] as number),
  }));
  return { changed, changedCount: all.size };
};
