import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { createGraphBuilder } from "../../../src/graph/graph-builder.js";
import { isWeighted } from "../../../src/graph/stored-form.js";
import { layerWindows } from "../../../src/ptq/layers/layer-samples.js";
import { noiseWindows } from "../../../src/ptq/layers/quantize-layer.js";
import { tf } from "../../../src/tensor/tf.js";

const SHAPE = [2, 64, 64, 4] as const;
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));

const graph = () => {
  const g = createGraphBuilder({ height: 64, width: 64, channels: 4 });
  return g.finish(g.conv("one", g.images, { filters: 4, kernel: 3, padding: 1, groups: 2 }));
};

test("fewer windows of a layer are an evenly spaced part of all that are compared", () => {
  const node = graph().nodes.find(isWeighted);
  if (!node) throw new Error("no layer");
  const numbers = Float32Array.from({ length: 2 * 64 * 64 * 4 }, (_, index) => index);
  const x = tf.tensor4d(numbers, [...SHAPE]);
  const all = layerWindows(node, x, { seed: 3 });
  const few = layerWindows(node, x, { seed: 3, most: noiseWindows });
  // 2 * 64 * 64 positions are more than are compared, and windows have 18 numbers.
  expect([all.count, few.count, few.size]).toEqual([4096, 256, 18]);
  for (const group of [0, 1])
    for (let index = 0; index < few.count; index++) {
      const windowOf = ({ values, count, size }: typeof all, at: number) =>
        values.subarray((group * count + at) * size, (group * count + at + 1) * size);
      expect(windowOf(few, index)).toEqual(windowOf(all, index * 16));
    }
});

test("windows contain what a layer multiplies by its weights, with zeros for padding", () => {
  const node = graph().nodes.find(isWeighted);
  if (node?.kind !== "conv") throw new Error("no layer");
  const numbers = Float32Array.from({ length: 3 * 5 * 4 }, (_, index) => index + 1);
  const x = tf.tensor4d(numbers, [1, 3, 5, 4]);
  const before = tf.memory().numTensors;
  const { groups, count, size, values } = layerWindows(node, x, { seed: 3 });
  expect(tf.memory().numTensors).toBe(before);
  expect([groups, count, size]).toEqual([2, 15, 18]);
  for (let group = 0; group < groups; group++)
    for (let at = 0; at < count; at++)
      for (let place = 0; place < size; place++) {
        const channel = 2 * group + Math.floor(place / 9);
        const row = Math.floor(at / 5) - 1 + (Math.floor(place / 3) % 3);
        const column = (at % 5) - 1 + (place % 3);
        const isInside = row >= 0 && row < 3 && column >= 0 && column < 5;
        const wanted = isInside ? numbers[(row * 5 + column) * 4 + channel] : 0;
        expect(values[(group * count + at) * size + place]).toBe(wanted);
      }
});
