// The rows of the table of a detector: the boxes of other nets compared with those of the float net.

import { basename } from "node:path";
import { matchBoxes } from "./match-boxes.js";
import { normalized, squareOf } from "./photos.js";

const row = (cells) => process.stdout.write(`| ${cells.join(" | ")} |\n`);

const mean = (numbers) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

const cellsOf = (expected, found) => {
  const { pairs, missed, added } = matchBoxes(expected, found);
  const overlap = pairs.length === 0 ? "" : mean(pairs.map((pair) => pair.overlap)).toFixed(3);
  return {
    pairs,
    missed,
    added,
    cells: [found.length, pairs.length, overlap, missed.length, added.length],
  };
};

const showLost = (what, boxes) =>
  boxes.length === 0 ? "" : ` ${what} ${boxes.map(({ score }) => score.toFixed(2)).join(", ")}`;

/**
 * Prints a table with a row per photograph and net.
 * @param nets by name, the float one first, each with `run`
 * @param boxesOf what a net's output means, as boxes in pixels of the square
 */
export const compareBoxes = async ({ nets, photos, side, images, boxesOf }) => {
  const [[, float], ...others] = Object.entries(nets);
  row(["photograph", "float", "net", "boxes", "matched", "mean IoU", "missed", "added"]);
  row(Array.from({ length: 8 }, () => "---"));
  const totals = new Map(
    others.map(([name]) => [name, { expected: 0, found: 0, overlaps: [], missed: 0, added: 0 }]),
  );
  for (const photo of photos) {
    const bytes = await squareOf(photo, side);
    const pixels = normalized(bytes, images);
    const expected = boxesOf(await float.run(pixels));
    for (const [name, net] of others) {
      const found = boxesOf(await net.run(pixels));
      const { pairs, missed, added, cells } = cellsOf(expected, found);
      row([basename(photo), expected.length, name, ...cells]);
      const lost = showLost("missed", missed) + showLost("added", added);
      if (lost) process.stderr.write(`${basename(photo)}, ${name}: scores${lost}\n`);
      const total = totals.get(name);
      total.expected += expected.length;
      total.found += found.length;
      total.overlaps.push(...pairs.map(({ overlap }) => overlap));
      total.missed += missed.length;
      total.added += added.length;
    }
  }
  for (const [name, { expected, found, overlaps, missed, added }] of totals)
    row(["all", expected, name, found, overlaps.length, mean(overlaps).toFixed(3), missed, added]);
};
