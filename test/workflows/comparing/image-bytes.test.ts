import { expect, test } from "vitest";
import { loadDataSet } from "../../../src/data/load-data-set.js";
import { testImageBytes } from "../../../src/workflows/comparing/image-bytes.js";

test("the pixels of shown test images are their original bytes", async () => {
  const dataSet = await loadDataSet({
    name: "digits",
    directory: ".",
    testLimit: 20,
    parts: "test only",
  });
  const size = 32 * 32 * 3;
  const [seventh, first] = testImageBytes(dataSet, [7, 0]);
  expect(seventh).toEqual(new Uint8Array(dataSet.test.images.slice(7 * size, 8 * size)));
  expect(first).toEqual(new Uint8Array(dataSet.test.images.slice(0, size)));
});
