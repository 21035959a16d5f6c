import { expect, test } from "vitest";
import { loadDataSet } from "../../../src/data/load-data-set.js";
import { changedImages } from "../../../src/workflows/comparing/changed-images.js";

const dataSet = await loadDataSet({
  name: "digits",
  directory: ".",
  testLimit: 60,
  parts: "test only",
});
const { labels } = dataSet.test;
const TRUE_CLASSES = Int32Array.from(labels.subarray(0, 60));
/** The true classes, with wrong ones for some images. */
const wrongAt = (...places: readonly number[]): Int32Array =>
  TRUE_CLASSES.map((label, at) => (places.includes(at) ? (label + 1) % 10 : label));

test("images whose class changed are listed once, in order, with the class that each net chose", () => {
  const chosen = [TRUE_CLASSES, wrongAt(9, 4), wrongAt(4)];
  const { changed, changedCount } = changedImages(dataSet, chosen);
  expect(changedCount).toBe(2);
  expect(changed.map(({ index, file }) => [index, file])).toEqual([
    [4, null],
    [9, null],
  ]);
  const [fourth] = changed;
  expect(fourth?.truth).toBe(labels[4]);
  expect(fourth?.chosen).toEqual(chosen.map((net) => net[4]));
});

test("of many changed images, every net gets a fair share", () => {
  const all = Array.from({ length: 50 }, (_, at) => at);
  const { changed, changedCount } = changedImages(dataSet, [
    TRUE_CLASSES,
    wrongAt(...all),
    wrongAt(58, 59),
  ]);
  expect(changedCount).toBe(52);
  expect(changed).toHaveLength(24);
  expect(changed.map(({ index }) => index)).toEqual([...all.slice(0, 22), 58, 59]);
});

test("images from files are listed with their paths", () => {
  const paths = Array.from({ length: 60 }, (_, at) => `photos/${at}.jpg`);
  const named = { ...dataSet, test: { ...dataSet.test, paths } };
  const { changed } = changedImages(named, [TRUE_CLASSES, wrongAt(7)]);
  expect(changed.map(({ file }) => file)).toEqual(["photos/7.jpg"]);
});
