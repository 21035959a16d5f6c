import * as tfjs from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { importModel } from "../../../src/library/import-model.js";
import { fixtureImages, outputOfModel, relativeDifference } from "../logits-of.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

const SIDE = 10;

/** A model with random weights, norms among them. */
const layersModel = () => {
  const { layers } = tfjs;
  const images = tfjs.input({ shape: [SIDE, SIDE, 3] });
  const apply = (layer: tfjs.layers.Layer, x: unknown) =>
    layer.apply(x as never) as tfjs.SymbolicTensor;
  const stem = apply(
    layers.conv2d({
      filters: 6,
      kernelSize: 3,
      strides: 2,
      padding: "same",
      name: "stem",
    }) as never,
    images,
  );
  const norm = apply(layers.batchNormalization({ name: "norm" }) as never, stem);
  const relu = apply(layers.reLU({ maxValue: 6 }) as never, norm);
  const depthwise = apply(
    layers.depthwiseConv2d({ kernelSize: 3, padding: "same", name: "depthwise" }) as never,
    relu,
  );
  const gated = apply(layers.activation({ activation: "hardSigmoid" }) as never, depthwise);
  const sum = apply(layers.add() as never, [gated, relu]);
  const pool = apply(layers.maxPooling2d({ poolSize: 2, padding: "same" }) as never, sum);
  const flat = apply(layers.flatten() as never, pool);
  const classes = apply(layers.dense({ units: 4, name: "classes" }) as never, flat);
  return tfjs.model({ inputs: images, outputs: classes });
};

test("a tf.LayersModel in memory becomes a net with its outputs", async () => {
  const model = layersModel();
  // Means and variances of norms start at 0 and 1, which hides what is mixed up.
  model.setWeights(
    model.getWeights().map((weight, at) => tfjs.randomUniform(weight.shape, 0.1, 1, "float32", at)),
  );
  const images = fixtureImages(SIDE);
  const expected = [...(model.predict(images as never) as tfjs.Tensor).dataSync()];
  images.dispose();
  const imported = await importModel(model);
  // Sums of 54 products in float32, in other orders.
  expect(relativeDifference(outputOfModel(imported, SIDE), expected)).toBeLessThan(2e-6);
  expect([...imported.weights.keys()].filter((name) => name.endsWith(".weight"))).toEqual([
    "stem.weight",
    "norm.weight",
    "depthwise.weight",
    "classes.weight",
  ]);
});

test.each([
  ["same", 3, 2],
  ["valid", 3, 3],
  ["valid", 4, 2],
  ["same", 2, 3],
  ["same", 5, 1],
] as const)(
  "a transposed convolution has the outputs of TensorFlow.js: %s padding, kernel %d, stride %d",
  async (padding, kernelSize, strides) => {
    const inputShape = [SIDE, SIDE, 3];
    const options = { filters: 4, kernelSize, strides, padding, inputShape };
    const model = tfjs.sequential({
      layers: [
        tfjs.layers.conv2dTranspose({ ...options, biasInitializer: "randomNormal" }),
        tfjs.layers.globalAveragePooling2d({}),
      ],
    });
    const images = fixtureImages(SIDE);
    const expected = [...(model.predict(images as never) as tfjs.Tensor).dataSync()];
    images.dispose();
    const imported = await importModel(model);
    // Means of sums of 75 products in float32, in other orders.
    expect(relativeDifference(outputOfModel(imported, SIDE), expected)).toBeLessThan(2e-6);
  },
);

test("a layer that nets do not have is named with its class", async () => {
  const model = tfjs.sequential({
    layers: [
      tfjs.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 3], name: "first" }),
      tfjs.layers.cropping2D({ cropping: [1, 1], name: "smaller" }) as never,
    ],
  });
  await expect(importModel(model)).rejects.toThrow(
    'the model: node "smaller" (Cropping2D) is a layer that qprune\'s nets do not have. 1 of its 2 nodes are supported. Unsupported operators: Cropping2D.',
  );
});
