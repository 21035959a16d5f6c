import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { nativeOpNames } from "../../src/tensor/op.js";
import { type Activation, activate, activateGradient } from "../../src/tensor/ops/activation.js";
import { adamUpdate } from "../../src/tensor/ops/adam-update.js";
import {
  binaryWeights,
  binaryWeightsBackward,
  centerAndClamp,
} from "../../src/tensor/ops/binary-weights.js";
import { channelShuffle } from "../../src/tensor/ops/channel-shuffle.js";
import {
  type ConvGeometry,
  conv2d,
  conv2dInputGradient,
  conv2dKernelGradient,
} from "../../src/tensor/ops/conv2d.js";
import { doReFaWeights, doReFaWeightsGradient } from "../../src/tensor/ops/dorefa-weights.js";
import { learnedWeights, learnedWeightsGradient } from "../../src/tensor/ops/learned-weights.js";
import { matrixProduct, type Transposed } from "../../src/tensor/ops/matrix-product.js";
import {
  affineActivate,
  normActivateGradient,
  normActivateRecompute,
  normActivateTrain,
} from "../../src/tensor/ops/norm-activate.js";
import {
  averagePool,
  averagePoolGradient,
  maxPool,
  maxPoolGradient,
  maxPoolTrain,
} from "../../src/tensor/ops/pool.js";
import { sgdUpdate } from "../../src/tensor/ops/sgd-update.js";
import { tf } from "../../src/tensor/tf.js";
import { randomTensor } from "../random-tensor.js";
import { squareConv, squarePool } from "../square-windows.js";
import { expectClose, SUM_TOLERANCE } from "./close-tensors.js";
import { describeCodedConvs } from "./coded-convs.js";
import { expectSameConvolution } from "./expect-same-convolution.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const activations: Activation[] = [
  { kind: "identity" },
  { kind: "relu" },
  { kind: "unit", scale: 0.1, levels: 3, afterRelu: true },
  { kind: "unit", scale: 0.1, levels: 255, afterRelu: false },
  { kind: "unitSign", scale: 0.1, afterRelu: true },
  { kind: "unit", scale: 0.1, levels: 15, afterRelu: true, limit: 6 },
  { kind: "unit", scale: 0.5, levels: 255, afterRelu: true, limit: 6 },
  { kind: "sign", straightThrough: "saturate" },
  { kind: "sign", straightThrough: "soft" },
  { kind: "step", straightThrough: "identity" },
  { kind: "ternary", straightThrough: "saturate" },
  { kind: "relu6" },
  { kind: "sigmoid" },
  { kind: "silu" },
  { kind: "hardSigmoid" },
  { kind: "hardSwish" },
  { kind: "leakyRelu", slope: 0.1 },
  { kind: "leakyRelu", slope: -0.3 },
  { kind: "signedUnit", scale: 0.1, levels: 1 },
  { kind: "signedUnit", scale: 0.1, levels: 127 },
  { kind: "affine", scale: Math.fround(10 / 255), zero: 100, levels: 255 },
  { kind: "affine", scale: Math.fround(10 / 15), zero: 0, levels: 15 },
];

/** The engine and TensorFlow compute exp in different ways, each to a few units in the last place. */
const toleranceOf = ({ kind }: Activation): number =>
  kind === "sigmoid" || kind === "silu" ? 1e-6 : 0;

/** The distance between neighboring values of a quantizer; that of signs is within 1. */
const stepOf = (activation: Activation): number => {
  if (activation.kind === "affine") return activation.scale;
  return "levels" in activation ? 1 / activation.levels : 1;
};

/** Where the rules of a gradient change. */
const KINKS = [-6, -3, 3, 6];

/** Values on and around the clamp's ends and the rounding boundaries, a few ulp apart. */
const delicateValues = (levels: number): number[] => {
  const corners = [
    0,
    -0,
    10,
    -10,
    ...KINKS,
    ...Array.from({ length: levels }, (_, k) => (10 * (k + 0.5)) / levels),
    ...Array.from({ length: levels }, (_, k) => (-10 * (k + 0.5)) / levels),
  ];
  return corners.flatMap((corner) =>
    [-4, -2, -1, 0, 1, 2, 4].map((ulps) => Math.fround(corner * (1 + ulps * 2 ** -23))),
  );
};

test("every op of core has a native kernel but the loss", () => {
  expect([...nativeOpNames()].sort()).toEqual(
    [
      "activate",
      "activateGradient",
      "adamUpdate",
      "addMaps",
      "affineActivate",
      "averagePool",
      "averagePoolGradient",
      "bf16Conv2d",
      "bf16Conv2dInputGradient",
      "bf16Conv2dKernelGradient",
      "binaryWeights",
      "binaryWeightsBackward",
      "centerAndClamp",
      "channelShuffle",
      "codedConv2d",
      "codedConv2dActivate",
      "conv2d",
      "conv2dInputGradient",
      "conv2dKernelGradient",
      "doReFaWeights",
      "doReFaWeightsGradient",
      "learnedWeights",
      "learnedWeightsGradient",
      "matrixProduct",
      "maxPool",
      "maxPoolGradient",
      "maxPoolTrain",
      "normActivateGradient",
      "normActivateRecompute",
      "normActivateTrain",
      "prelu",
      "preluGradient",
      "scaleGradient",
      "sgdUpdate",
      "storeAs",
      "storedDepthwiseConv2d",
      "storedDepthwiseConv2dInputGradient",
      "storedDepthwiseConv2dKernelGradient",
    ].sort(),
  );
});

describe.each(activations)("activation %j", (activation) => {
  test("native values and gradients equal the reference implementation's, boundaries included", () => {
    const levels = "levels" in activation ? activation.levels : 1;
    const x = tf.concat([randomTensor([5000], 1, 8), tf.tensor1d(delicateValues(levels))]);
    const dy = randomTensor(x.shape, 2);
    const tolerance = toleranceOf(activation);
    expectClose(activate(x, activation), activate.plain(x, activation), tolerance);
    expectClose(
      activateGradient(dy, x, activation),
      activateGradient.plain(dy, x, activation),
      tolerance,
    );
  });

  test.each([
    { shuffleGroups: 1, adds: false },
    { shuffleGroups: 4, adds: false },
    { shuffleGroups: 1, adds: true },
    { shuffleGroups: 4, adds: true },
  ])(
    "norm with this activation and $shuffleGroups shuffled groups (with an addend: $adds) equals the reference implementation",
    ({ shuffleGroups, adds }) => {
      const x = tf.add(randomTensor([6, 9, 7, 24], 3, 5), 2) as tf.Tensor4D;
      const addend = adds ? (randomTensor(x.shape, 10, 2) as tf.Tensor4D) : null;
      const [gamma, beta] = [randomTensor([24], 4), randomTensor([24], 5)] as tf.Tensor1D[];
      const tail = { activation, shuffleGroups };
      const [mean, variance, inputBias] = [7, 8, 9].map((seed) => randomTensor([24], seed));
      const norm = [
        x,
        { gamma, beta },
        { mean, variance },
        { weight: 0.1, inputBias },
        1e-5,
        tail,
        addend,
      ] as Parameters<typeof normActivateTrain>;
      const native = normActivateTrain(...norm);
      const plain = normActivateTrain.plain(...norm);
      for (const name of ["mean", "variance"] as const) {
        expectClose(native[name], plain[name], SUM_TOLERANCE);
        expectClose(native.running[name], plain.running[name], SUM_TOLERANCE);
      }
      // A quantized value may fall on the other side of a boundary: by a step, in few places.
      const step = stepOf(activation);
      const gaps = tf.abs(tf.sub(native.y, plain.y)).dataSync();
      expect(Math.max(...gaps)).toBeLessThanOrEqual(step * 1.001);
      expect(gaps.filter((gap) => gap > 1e-4).length / gaps.length).toBeLessThan(1e-3);

      const dy = randomTensor(native.y.shape, 6) as tf.Tensor4D;
      const saved = {
        x,
        addend,
        gamma,
        beta,
        mean: plain.mean,
        variance: plain.variance,
      } as Parameters<typeof normActivateGradient>[1];
      const own = { ...saved, mean: native.mean, variance: native.variance };
      expectClose(normActivateRecompute(own, 1e-5, tail), native.y, 0);
      expectClose(normActivateRecompute.plain(saved, 1e-5, tail), plain.y, 0);
      const back = normActivateGradient(dy, saved, 1e-5, tail);
      const plainBack = normActivateGradient.plain(dy, saved, 1e-5, tail);
      for (const name of ["dx", "dGamma", "dBeta"] as const)
        expectClose(back[name], plainBack[name], SUM_TOLERANCE);
      if (back.dAddend && plainBack.dAddend)
        expectClose(back.dAddend, plainBack.dAddend, SUM_TOLERANCE);
      expect([back.dAddend, plainBack.dAddend].filter(Boolean).length).toBe(adds ? 2 : 0);
    },
  );

  test("fixed statistics give what the reference implementation gives", () => {
    const x = randomTensor([3, 5, 5, 12], 7, 6) as tf.Tensor4D;
    const [center, scale, shift] = [1, 2, 3].map((seed) => randomTensor([12], seed)) as [
      tf.Tensor1D,
      tf.Tensor1D,
      tf.Tensor1D,
    ];
    const affine = { center, scale, shift };
    const tail = { activation, shuffleGroups: 3 };
    const tolerance = toleranceOf(activation);
    for (const addend of [null, randomTensor(x.shape, 8, 3) as tf.Tensor4D])
      expectClose(
        affineActivate(x, affine, tail, addend),
        affineActivate.plain(x, affine, tail, addend),
        tolerance,
      );
  });
});

describe.each([
  { kernel: 1, pad: 0, groups: 1 },
  { kernel: 5, pad: 2, groups: 1 },
  { kernel: 3, pad: 1, groups: 8 },
  { kernel: 1, pad: 0, groups: 4 },
  { kernel: 3, pad: 0, groups: 2 },
  { kernel: 3, pad: 2, groups: 1 },
])("convolution %j", ({ kernel, pad, groups }) => {
  test.each([1, 2])(
    "native values and gradients equal the reference implementation's at stride %i",
    (stride) => {
      const geometry = squareConv({ stride, pad, groups });
      const x = randomTensor([3, 9, 9, 16], 1) as tf.Tensor4D;
      const w = randomTensor([kernel, kernel, 16 / groups, 24], 2) as tf.Tensor4D;
      expectSameConvolution(x, w, geometry);
    },
  );
});

describe.each([
  { height: 5, width: 32, from: 16, to: 16 },
  { height: 4, width: 37, from: 48, to: 16 },
  { height: 1, width: 21, from: 16, to: 48 },
  { height: 9, width: 8, from: 64, to: 64 },
  { height: 16, width: 13, from: 32, to: 64 },
  { height: 2, width: 4, from: 32, to: 32 },
  { height: 6, width: 7, from: 16, to: 32 },
])("3x3 convolution of few channels %j", ({ height, width, from, to }) => {
  test.each([
    [1, [1, 1, 1, 1]],
    [2, [1, 1, 1, 1]],
    [2, [1, 1, 0, 0]],
  ] as [number, ConvGeometry["padding"]][])(
    "native values and gradients equal the reference implementation's at stride %i, padded by %j",
    (stride, padding) => {
      if (Math.min(height, width) + padding[0] + padding[2] < 3) return;
      const geometry = { ...squareConv({ stride, pad: 0, groups: 1 }), padding };
      const x = randomTensor([19, height, width, from], 1) as tf.Tensor4D;
      const w = randomTensor([3, 3, from, to], 2) as tf.Tensor4D;
      expectSameConvolution(x, w, geometry);
    },
  );
});

describe.each([
  { side: 3, stride: 1, channels: 150, height: 6, width: 21 },
  { side: 3, stride: 2, channels: 136, height: 9, width: 8 },
  { side: 5, stride: 1, channels: 64, height: 7, width: 19 },
  { side: 5, stride: 2, channels: 3, height: 12, width: 11 },
  { side: 7, stride: 1, channels: 20, height: 3, width: 16 },
  { side: 3, stride: 1, channels: 960, height: 3, width: 3 },
])("depthwise convolution %j", ({ side, stride, channels, height, width }) => {
  test.each([
    ["padded on every side", side >> 1, side >> 1],
    ["padded on two sides", 0, side >> 1],
    ["not padded", 0, 0],
  ])("native values and gradients equal the reference implementation's, %s", (_, before, after) => {
    if (height + before + after < side) return;
    const geometry: ConvGeometry = {
      ...squareConv({ stride, pad: 0, groups: channels }),
      padding: [before, before, after, after],
    };
    const x = randomTensor([4, height, width, channels], 1) as tf.Tensor4D;
    const w = randomTensor([side, side, 1, channels], 2) as tf.Tensor4D;
    const y = conv2d(x, w, geometry);
    expectClose(y, conv2d.plain(x, w, geometry), SUM_TOLERANCE);
    const dy = randomTensor(y.shape, 3) as tf.Tensor4D;
    const [dx, dKernel] = [
      conv2dInputGradient(dy, w, x.shape, geometry),
      conv2dKernelGradient(x, dy, w.shape, geometry),
    ];
    expectClose(dx, conv2dInputGradient.plain(dy, w, x.shape, geometry), SUM_TOLERANCE);
    expectClose(dKernel, conv2dKernelGradient.plain(x, dy, w.shape, geometry), SUM_TOLERANCE);
  });
});

describeCodedConvs();

describe.each([
  { size: 3, stride: 2, pad: 1 },
  { size: 2, stride: 2, pad: 0 },
  { size: 8, stride: 1, pad: 0 },
])("pooling %j", (window) => {
  const geometry = squarePool(window);
  const x = (): tf.Tensor4D => tf.round(randomTensor([4, 8, 8, 20], 1, 3)) as tf.Tensor4D;

  test("the maximum and its gradient equal the reference implementation's, ties included", () => {
    const native = maxPoolTrain(x(), geometry);
    const plain = maxPoolTrain.plain(x(), geometry);
    expectClose(native.y, plain.y, 0);
    expectClose(maxPool(x(), geometry), plain.y, 0);
    const dy = randomTensor(native.y.shape, 2) as tf.Tensor4D;
    expectClose(
      maxPoolGradient(dy, native.argmax, x().shape, geometry),
      maxPoolGradient.plain(dy, plain.argmax, x().shape, geometry),
      1e-6,
    );
  });

  test("the average and its gradient equal the reference implementation's", () => {
    const y = averagePool(x(), geometry);
    expectClose(y, averagePool.plain(x(), geometry), 1e-6);
    const dy = randomTensor(y.shape, 2) as tf.Tensor4D;
    expectClose(
      averagePoolGradient(dy, x().shape, geometry),
      averagePoolGradient.plain(dy, x().shape, geometry),
      1e-6,
    );
  });
});

test.each<Transposed>([{}, { a: true }, { b: true }, { a: true, b: true }])(
  "the matrix product equals its reference implementation with %j transposed",
  (transposed) => {
    const a = randomTensor(transposed.a ? [40, 7] : [7, 40], 1) as tf.Tensor2D;
    const b = randomTensor(transposed.b ? [11, 40] : [40, 11], 2) as tf.Tensor2D;
    const product = matrixProduct(a, b, transposed);
    expect(product.shape).toEqual([7, 11]);
    expectClose(product, matrixProduct.plain(a, b, transposed), SUM_TOLERANCE);
  },
);

test("the shuffle equals its reference implementation and undoes itself with the other factor", () => {
  const x = randomTensor([2, 3, 3, 24], 1) as tf.Tensor4D;
  const y = channelShuffle(x, 4);
  expectClose(y, channelShuffle.plain(x, 4), 0);
  expectClose(channelShuffle(y, 6), x, 0);
});

describe.each([3, 15, 255])("DoReFa weights of %i levels", (levels) => {
  test.each([
    ["random weights", () => randomTensor([3, 3, 40, 70], 1, 2)],
    ["fewer weights than a vector has", () => randomTensor([1, 1, 1, 5], 2)],
    ["ties for the maximum, of both signs", () => tf.tensor1d([1, -1, 0.25, 1, 0, -0.5])],
    ["zeros alone", () => tf.zeros([20])],
    [
      "large and small weights",
      () => tf.mul(randomTensor([30_000], 4, 12), randomTensor([30_000], 5)),
    ],
    ["exact ties of the rounding", () => tf.atanh(tf.tensor1d([0.5, -0.5, 0, 0.25, 0.999]))],
    ["one weight", () => tf.tensor1d([-0.3])],
  ])(
    "of %s equal the reference implementation's to the bit, their gradient nearly",
    (_, weights) => {
      const w = weights();
      const dq = randomTensor(w.shape, 3);
      expectClose(doReFaWeights(w, levels), doReFaWeights.plain(w, levels), 0);
      // Sums in another order, of another tanh. Terms as large as dq cancel, so that one weight alone leaves rounding errors.
      expectClose(
        tf.add(doReFaWeightsGradient(dq, w), dq),
        tf.add(doReFaWeightsGradient.plain(dq, w), dq),
        SUM_TOLERANCE,
      );
    },
  );
});

test.each([[[3, 3, 40, 70]], [[1, 1, 192, 16]], [[5, 5, 3, 33]], [[1, 1, 1, 1]]])(
  "binary weights of shape %j and their gradient equal the reference implementation's",
  (shape) => {
    const weights = randomTensor(shape, 1, 2);
    // With some zeros.
    const kernel = tf.where(tf.greater(tf.abs(weights), 0.01), weights, tf.zerosLike(weights));
    const dq = randomTensor(shape, 2);
    expectClose(centerAndClamp(kernel), centerAndClamp.plain(kernel), 1e-6);
    for (const hasAlpha of [true, false])
      expectClose(
        binaryWeights(kernel, hasAlpha),
        binaryWeights.plain(kernel, hasAlpha),
        SUM_TOLERANCE,
      );
    expectClose(
      binaryWeightsBackward(dq, kernel),
      binaryWeightsBackward.plain(dq, kernel),
      SUM_TOLERANCE,
    );
  },
);

describe.each([3, 15, 255])("weights with a trained step and %i levels", (levels) => {
  test.each([
    ["random weights, some outside the range", () => randomTensor([3, 3, 40, 70], 1, 2)],
    ["fewer weights than a vector has", () => randomTensor([1, 1, 1, 5], 2)],
    [
      "ties of the rounding and the ends of the range",
      () => tf.tensor1d([0, -0.375, 0.375, 3, -3]),
    ],
  ])("of %s equal the reference implementation's to the bit, and their gradients", (_, weights) => {
    const w = weights();
    const dq = randomTensor(w.shape, 3);
    const step = tf.tensor1d([0.75 / levels]);
    expectClose(learnedWeights(w, step, levels), learnedWeights.plain(w, step, levels), 0);
    const actual = learnedWeightsGradient(dq, w, step, levels);
    const expected = learnedWeightsGradient.plain(dq, w, step, levels);
    expectClose(actual.dw, expected.dw, 0);
    // The step's gradient is a sum, which is added in another order.
    expectClose(actual.dStep, expected.dStep, SUM_TOLERANCE);
  });
});

/** Parameters of several sizes, among them one that threads share. */
const SIZES = [700, 1, 100_000, 16];

test.each([
  [1, false],
  [2, false],
  [1000, false],
  [3, true],
])(
  "step %i of Adam (decoupled decay: %s) equals its reference implementation",
  (step, isDecoupled) => {
    const updates = SIZES.map((size, index) => ({
      state: {
        value: randomTensor([size], 1),
        firstMoment: randomTensor([size], 2, 0.1),
        secondMoment: tf.square(randomTensor([size], 3)),
      },
      gradient: randomTensor([size], 4),
      hyper: {
        learningRate: 0.01 / (index + 1),
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weightDecay: isDecoupled ? 0.1 : 1e-5 * index,
        isDecoupled,
        step,
      },
    }));
    const [native, plain] = [adamUpdate(updates), adamUpdate.plain(updates)];
    // The same sequence of float32 operations; a compiler may join two of them.
    for (const [index, result] of native.entries())
      for (const name of ["value", "firstMoment", "secondMoment"] as const)
        expectClose(result[name], plain[index]?.[name] as tf.Tensor, 3e-7);
  },
);

test("a step of SGD equals its reference implementation", () => {
  const updates = SIZES.map((size, index) => ({
    state: { value: randomTensor([size], 1), momentum: randomTensor([size], 2, 0.1) },
    gradient: randomTensor([size], 4),
    hyper: { learningRate: 0.1 / (index + 1), weightDecay: 5e-4 * index, momentumFactor: 0.9 },
  }));
  const [native, plain] = [sgdUpdate(updates), sgdUpdate.plain(updates)];
  // The same sequence of float32 operations; a compiler may join two of them.
  for (const [index, result] of native.entries())
    for (const name of ["value", "momentum"] as const)
      expectClose(result[name], plain[index]?.[name] as tf.Tensor, 3e-7);
});
