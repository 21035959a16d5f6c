import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { createGraphBuilder } from "../../src/graph/graph-builder.js";
import { planIntegers } from "../../src/integer/plan-integers.js";
import { runIntegers } from "../../src/integer/run-integers.js";
import { tf } from "../../src/tensor/tf.js";
import { randomModel } from "../graph/random-model.js";
import { everyKind, quantized, run } from "./quantized-nets.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

describe("the integer executor", () => {
  test.each([1, 2, 3])(
    "computes what the net with rounded floats computes (seed %i)",
    async (seed) => {
      const { model, images } = await quantized(everyKind(), seed);
      const net = run(model);
      const logits = net.infer(images);
      const wanted = logits.dataSync() as Float32Array;
      const plan = planIntegers(model);
      const pixels = images.dataSync() as Float32Array;
      const size = pixels.length / images.shape[0];
      const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const differences = Array.from({ length: images.shape[0] }, (_, image) => {
        const { output } = runIntegers(plan, pixels.slice(image * size, (image + 1) * size));
        return output.map((value, at) => Math.abs(value - (wanted[image * 5 + at] as number)));
      });
      const mean =
        differences.flatMap((each) => [...each]).reduce((a, b) => a + b, 0) / wanted.length;
      // A sum that lies between two codes may be rounded to the other one: each such step is 1/255 of a range, and few happen.
      expect(mean).toBeLessThan(0.02 * largest);
      tf.dispose([images, logits]);
      net.dispose();
    },
  );

  test("has the codes of the rounded floats of a single layer, except at ties of float32", async () => {
    const g = createGraphBuilder({ height: 6, width: 6, channels: 3 });
    const hidden = g.relu(
      g.conv("one", g.images, { filters: 4, kernel: 3, padding: 1, hasBias: true }),
    );
    const graph = g.finish(g.dense("two", g.flatten(hidden), { features: 3, hasBias: true }));
    const { model, images } = await quantized(graph, 5);
    const quantizer = model.graph.nodes.find(
      (node) => node.kind === "quantize" && node.inputs[0] === hidden,
    );
    if (quantizer?.kind !== "quantize" || quantizer.quantizer.kind !== "affine")
      throw new Error("none");
    const { range } = quantizer.quantizer;
    if (range.kind !== "fixed") throw new Error("none");
    const net = run(model, new Set([quantizer.name]));
    const steps = net.inferStepwise(images);
    let wanted: number[] = [];
    for (let state = steps.next(); !state.done; state = steps.next()) {
      const { outputs, ys } = state.value;
      if (ys && outputs[0] === quantizer.name)
        wanted = [...(ys[0] as tf.Tensor).dataSync()].map(
          (x) => Math.round(x / range.scale) + range.zero - 128,
        );
    }
    const pixels = images.dataSync() as Float32Array;
    const size = pixels.length / images.shape[0];
    const plan = planIntegers(model, "single");
    const codes = Array.from({ length: images.shape[0] }, (_, image) => [
      ...(runIntegers(plan, pixels.slice(image * size, (image + 1) * size)).codes.get(
        quantizer.name,
      ) ?? []),
    ]).flat();
    const differing = codes.filter((code, at) => code !== wanted[at]);
    expect(codes).toHaveLength(wanted.length);
    // One value in a thousand is so close to a half that float32 sums round it otherwise.
    expect(differing.length / codes.length).toBeLessThan(0.002);
    net.dispose();
    images.dispose();
  });

  test("refuses a net with a layer in floats, and names it", async () => {
    const g = createGraphBuilder({ height: 6, width: 6, channels: 3 });
    const graph = g.finish(g.globalPool(g.conv("only", g.images, { filters: 4, kernel: 3 })));
    expect(() => planIntegers(randomModel(graph, 1))).toThrow("The images are not quantized");
  });
});
