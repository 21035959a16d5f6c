import { expect, test } from "vitest";
import { heldOutIndices, holdOut } from "../../src/data/hold-out.js";
import { loadDataSet } from "../../src/data/load-data-set.js";
import { spacedIndices } from "../../src/data/subset.js";

test("spaced indices are all if there are no more, else evenly spaced from the first one", () => {
  expect([...spacedIndices(3, 5)]).toEqual([0, 1, 2]);
  expect([...spacedIndices(10, 4)]).toEqual([0, 2, 5, 7]);
  expect([...spacedIndices(0, 4)]).toEqual([]);
});

test("the indices of held-out images are those that are held out", async () => {
  const dataSet = await loadDataSet({
    name: "digits",
    directory: "",
    parts: "train and test",
    trainLimit: 40,
    testLimit: 1,
  });
  const { validation } = holdOut(dataSet, 0.2, 3);
  expect(validation?.places).toEqual(heldOutIndices(40, 0.2, 3));
});
