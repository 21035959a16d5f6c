import { expect, test } from "vitest";
import { createGraphBuilder } from "../../../src/graph/graph-builder.js";
import { checkPredicts } from "../../../src/workflows/predicting/classifier.js";

test("nets whose output is maps are refused, since they have neither classes nor boxes", () => {
  const g = createGraphBuilder({ height: 8, width: 8, channels: 3 });
  const maps = g.conv("conv", g.images, { filters: 1, kernel: 3, padding: 1 });
  expect(() => checkPredicts("text.safetensors", g.finish(maps))).toThrow(
    "The output of text.safetensors is maps of 8x8x1 for each image",
  );
});

test("a vector is the logits of classes", () => {
  const g = createGraphBuilder({ height: 8, width: 8, channels: 3 });
  const graph = g.finish(g.dense("fc", g.flatten(g.images), { features: 10 }));
  expect(() => checkPredicts("net.safetensors", graph)).not.toThrow();
});
