import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { activationLayer, preluLayer } from "../../../src/models/layers/activation-layers.js";
import { convLayer } from "../../../src/models/layers/conv-layer.js";
import { denseLayer } from "../../../src/models/layers/dense-layer.js";
import type { Layer } from "../../../src/models/layers/layer.js";
import { normLayer } from "../../../src/models/layers/norm-layer.js";
import {
  flattenLayer,
  onVectors,
  padLayer,
  pixelShuffleLayer,
} from "../../../src/models/layers/rearrange-layers.js";
import { parameter } from "../../../src/models/parameter.js";
import { AS_FLOATS, FLOAT32 } from "../../../src/tensor/storage.js";
import { tf } from "../../../src/tensor/tf.js";
import { randomTensor } from "../../random-tensor.js";
import { squareConv } from "../../square-windows.js";
import { expectClose, SUM_TOLERANCE } from "../../tensor/close-tensors.js";
import { quantizedWeights } from "../quantizations.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const GEOMETRY = squareConv({ stride: 1, pad: 0, groups: 1 });
const [INPUTS, OUTPUTS] = [12, 7];

const denseOf = (quantization: Parameters<typeof denseLayer>[0]["quantization"]) => {
  const weight = parameter("fc.weight", "weight", randomTensor([INPUTS, OUTPUTS], 1, 0.4));
  const bias = parameter("fc.bias", "bias", randomTensor([OUTPUTS], 2));
  return { weight, bias, layer: denseLayer({ weight, bias, quantization, isFirst: false }) };
};

const convOf = (quantization: Parameters<typeof convLayer>[0]["quantization"]) => {
  const weight = parameter("fc.weight", "weight", randomTensor([1, 1, INPUTS, OUTPUTS], 1, 0.4));
  const bias = parameter("fc.bias", "bias", randomTensor([OUTPUTS], 2));
  const layer = convLayer({
    weight,
    bias,
    addsBias: true,
    geometry: GEOMETRY,
    quantization,
    codeLevels: null,
    precision: "float32",
    storage: AS_FLOATS,
    isFirst: false,
  });
  return { weight, bias, layer: onVectors(layer) };
};

const trained = (layer: Layer, x: tf.Tensor, dy: tf.Tensor) => {
  const { y, backward } = layer.train(x);
  return { y, dx: backward(dy) as tf.Tensor };
};

describe.each([{ kind: "float" } as const, ...quantizedWeights])(
  "dense weights %j",
  (quantization) => {
    test("are quantized, trained and constrained as those of a 1x1 convolution, a filter per output", () => {
      const dense = denseOf(quantization);
      const conv = convOf(quantization);
      for (let step = 0; step < 3; step++) {
        dense.layer.applyConstraints?.();
        conv.layer.applyConstraints?.();
        const codes = [dense, conv].map(({ layer }) => layer.codes?.[0]?.codes ?? null);
        expect(codes[0] === null).toBe(codes[1] === null);
        if (codes[0] && codes[1]) expectClose(codes[0], codes[1], 0);
        const [x, dy] = [
          randomTensor([5, INPUTS], 10 + step),
          randomTensor([5, OUTPUTS], 20 + step),
        ];
        const one = trained(dense.layer, tf.clone(x), tf.clone(dy));
        const other = trained(conv.layer, tf.clone(x), tf.clone(dy));
        expectClose(one.y, other.y, SUM_TOLERANCE);
        expectClose(one.dx, other.dx, SUM_TOLERANCE);
        for (const { weight, bias } of [dense, conv]) {
          weight.value = tf.sub(weight.value, tf.mul(weight.gradient as tf.Tensor, 0.02));
          bias.value = tf.sub(bias.value, tf.mul(bias.gradient as tf.Tensor, 0.02));
        }
        const shape = dense.weight.value.shape;
        expectClose(dense.weight.value, tf.reshape(conv.weight.value, shape), SUM_TOLERANCE);
        expectClose(dense.bias.value, conv.bias.value, SUM_TOLERANCE);
      }
    });

    test("leak no tensor", () => {
      const { layer, weight, bias } = denseOf(quantization);
      layer.applyConstraints?.();
      const before = tf.memory().numTensors;
      layer.applyConstraints?.();
      const { y, dx } = trained(layer, randomTensor([5, INPUTS], 1), randomTensor([5, OUTPUTS], 2));
      tf.dispose([y, dx, weight.gradient as tf.Tensor, bias.gradient as tf.Tensor]);
      layer.infer(randomTensor([5, INPUTS], 1)).dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  },
);

test("a first dense layer computes no gradient of its input", () => {
  const weight = parameter("fc.weight", "weight", randomTensor([3, 2], 1));
  const layer = denseLayer({ weight, bias: null, quantization: { kind: "float" }, isFirst: true });
  const before = tf.memory().numTensors;
  const { y, backward } = layer.train(randomTensor([4, 3], 2));
  expect(backward(tf.onesLike(y))).toBeNull();
  tf.dispose([y, weight.gradient as tf.Tensor]);
  expect(tf.memory().numTensors).toBe(before);
});

test("the gradient of a pixel shuffle puts every pixel back into its channel, and leaks no tensor", () => {
  const layer = pixelShuffleLayer(3);
  const x = randomTensor([2, 4, 5, 18], 1);
  const before = tf.memory().numTensors;
  const { y, backward } = layer.train(tf.clone(x));
  expect(y.shape).toEqual([2, 12, 15, 2]);
  // Moving values twice returns them to their places, to the bit.
  const dx = backward(tf.clone(y)) as tf.Tensor;
  expectClose(dx, x, 0);
  const pixel = (index: number[]): number =>
    tf.slice(y, index, [1, 1, 1, 1]).dataSync()[0] as number;
  const channel = tf.tidy(() => pixel([1, 3 * 2 + 1, 3 * 4 + 2, 1]));
  // Row 1 and column 2 of the block of row 2 and column 4: channel 9 + 3 + 2.
  expect(channel).toBe(tf.tidy(() => tf.slice(x, [1, 2, 4, 14], [1, 1, 1, 1]).dataSync()[0]));
  tf.dispose([y, dx]);
  expect(tf.memory().numTensors).toBe(before);
});

/** Two layers one after the other, of which the second may recompute its input. */
const backwardOf = (first: Layer, second: Layer, recomputes: boolean): tf.Tensor => {
  const one = first.train(randomTensor([2, 4, 4, 3], 1));
  const two = second.train(one.y, recomputes ? one.recompute : undefined);
  const dy = randomTensor(two.y.shape, 3);
  two.y.dispose();
  return one.backward(two.backward(dy) as tf.Tensor) as tf.Tensor;
};

const firstLayers: [string, () => Layer][] = [
  ["an activation", () => activationLayer({ kind: "hardSwish" })],
  ["a PReLU", () => preluLayer(parameter("prelu.weight", "slope", tf.tensor1d([0.1, 0.5, -0.2])))],
];

test.each(firstLayers)(
  "a dense layer after padding and %s recomputes its input to the bit",
  (_, make) => {
    const paddedDense = (recomputes: boolean): tf.Tensor => {
      const weight = parameter("fc.weight", "weight", randomTensor([5 * 6 * 3, 2], 4));
      const layer = denseLayer({
        weight,
        bias: null,
        quantization: { kind: "float" },
        isFirst: false,
      });
      const rearranged: Layer = {
        parameters: [],
        infer: (x) => x,
        train: (x, recompute) => {
          const pad = padLayer({ padding: [1, 0, 0, 2], value: 0 }).train(x, recompute);
          const flat = flattenLayer().train(pad.y, pad.recompute);
          const dense = layer.train(flat.y, flat.recompute);
          return {
            y: dense.y,
            backward: (dy) =>
              pad.backward(flat.backward(dense.backward(dy) as tf.Tensor) as tf.Tensor),
          };
        },
      };
      const dx = backwardOf(make(), rearranged, recomputes);
      return tf.concat([tf.reshape(dx, [-1]), tf.reshape(weight.gradient as tf.Tensor, [-1])]);
    };
    expect(paddedDense(true).dataSync()).toEqual(paddedDense(false).dataSync());
  },
);

test("a named activation reports its saturation rate and keeps the input", () => {
  const layer = activationLayer({ kind: "relu6" }, AS_FLOATS, "features.0");
  const x = tf.tensor1d([1, 6, 8, -3]);
  const before = tf.memory().numTensors;
  expect(layer.saturation?.(x)).toEqual({ name: "features.0", rate: 0.5 });
  expect(tf.memory().numTensors).toBe(before);
  expect(activationLayer({ kind: "silu" }, AS_FLOATS, "features.0").saturation?.(x)).toBeNull();
  expect(activationLayer({ kind: "relu6" }).saturation).toBeUndefined();
});

describe("a norm of vectors", () => {
  const make = () => {
    const state = (name: string, value: tf.Tensor) => ({ name, layout: "vector" as const, value });
    const movingMean = state("bn.running_mean", tf.zeros([3]));
    const movingVariance = state("bn.running_var", tf.ones([3]));
    const layer = normLayer({
      affine: null,
      movingMean,
      movingVariance,
      inputBias: null,
      epsilon: 0,
      newStatWeight: 0.1,
      isGammaFixed: false,
      minGamma: null,
      tail: { activation: { kind: "relu6" }, shuffleGroups: 1 },
      storage: { ...AS_FLOATS, addend: FLOAT32 },
      countBatch: () => {},
    });
    return { layer: onVectors(layer), movingMean };
  };
  const batch = (): tf.Tensor =>
    tf.tensor2d([
      [9, 0, -2],
      [7, 0, -2],
      [8, 3, -2],
    ]);

  test("infers with the running statistics and reports its saturation rate", () => {
    const { layer } = make();
    const x = batch();
    const before = tf.memory().numTensors;
    expect(layer.saturation?.(x)).toEqual({ name: "bn", rate: Math.fround(1 / 3) });
    const y = layer.infer(tf.clone(x));
    expect(y.arraySync()).toEqual([
      [6, 0, 0],
      [6, 0, 0],
      [6, 3, 0],
    ]);
    y.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("is recalibrated with the statistics of vectors", () => {
    const { layer, movingMean } = make();
    const before = tf.memory().numTensors;
    const y = layer.recalibrate?.(batch(), 1) as tf.Tensor;
    expect(y.shape).toEqual([3, 3]);
    expect([...movingMean.value.dataSync()]).toEqual([8, 1, -2]);
    y.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
