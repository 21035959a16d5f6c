import { expect, test } from "vitest";
import { layerLabels } from "../../../../src/report/comparison/page/charts/layer-labels.js";
import { madeUpComparison } from "../made-up-comparison.js";

const named = (...lists: string[][]) => {
  const { nets } = madeUpComparison({ nets: lists.length });
  return nets.map((net, at) => {
    const [layer] = net.layers;
    if (!layer) throw new Error("A net without layers.");
    return { ...net, layers: (lists[at] ?? []).map((name) => ({ ...layer, name })) };
  });
};

test("layers are called what all nets call them, otherwise by their place", () => {
  expect(layerLabels(named(["stem", "head"], ["stem", "head"]))).toEqual(["stem", "head"]);
  expect(layerLabels(named(["stem", "a"], ["stem", "b"]))).toEqual(["stem", "conv 1"]);
  expect(layerLabels(named(["stem"], ["stem", "b"]))).toEqual(["stem", "b"]);
});
