import { beforeAll, expect, test } from "vitest";
import { modelState } from "../../../src/checkpoint/tensors/model-state.js";
import { applyState } from "../../../src/checkpoint/tensors/net-state.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { imageShape } from "../../../src/graph/graph.js";
import { runGraph } from "../../../src/models/executor/run-graph.js";
import type { Net } from "../../../src/models/net.js";
import { type Tensor4D, tf } from "../../../src/tensor/tf.js";
import { interpret } from "../../graph/interpret.js";
import { kindCases } from "../../graph/node-kinds.js";
import { randomImage, randomModel } from "../../graph/random-model.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

/** Float32 sums in another order. */
const TOLERANCE = 1e-5;

test.each(kindCases)("$name computes what the node means, and leaves no tensor", ({ graph }) => {
  const before = tf.memory().numTensors;
  const model = randomModel(graph, 5);
  const net = runGraph(graph, { seed: 1, gammaStart: "ones" });
  // Only the tensors of the net are used.
  applyState(net as Net, modelState(model), "the case");
  const image = randomImage(graph, 5);
  const images = tf.tensor4d(Float32Array.from(image), [1, ...imageShape(graph)]) as Tensor4D;
  const logits = net.infer(images);
  const actual = logits.dataSync();
  tf.dispose([images, logits]);
  net.dispose();
  const expected = interpret(model, image).get("logits") ?? new Float64Array();
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  expect(actual).toHaveLength(expected.length);
  const apart = Array.from(actual, (value, at) => Math.abs(value - (expected[at] as number)));
  expect(Math.max(...apart)).toBeLessThanOrEqual(TOLERANCE * largest);
  expect(tf.memory().numTensors).toBe(before);
});
