import { expect, test } from "vitest";
import { createGraphBuilder } from "../../../src/graph/graph-builder.js";
import { isWeighted } from "../../../src/graph/stored-form.js";
import { layerWindows } from "../../../src/ptq/layers/layer-samples.js";
import { noiseWindows } from "../../../src/ptq/layers/quantize-layer.js";

const SHAPE = [2, 64, 64, 4] as const;
const graph = () => {
  const g = createGraphBuilder({ height: 64, width: 64, channels: 4 });
  return g.finish(g.conv("one", g.images, { filters: 4, kernel: 3, padding: 1, groups: 2 }));
};

test("fewer windows of a layer are an evenly spaced part of all that are compared", () => {
  const node = graph().nodes.find(isWeighted);
  if (!node) throw new Error("no layer");
  const x = Float32Array.from({ length: 2 * 64 * 64 * 4 }, (_, index) => index);
  const all = layerWindows(node, SHAPE, x, { seed: 3 });
  const few = layerWindows(node, SHAPE, x, { seed: 3, most: noiseWindows });
  // 2 * 64 * 64 positions are more than are compared, and windows have 18 numbers.
  expect([all.count, few.count, few.size]).toEqual([4096, 256, 18]);
  for (const group of [0, 1])
    for (let index = 0; index < few.count; index++) {
      const windowOf = ({ values, count, size }: typeof all, at: number) =>
        values.subarray((group * count + at) * size, (group * count + at + 1) * size);
      expect(windowOf(few, index)).toEqual(windowOf(all, index * 16));
    }
});
