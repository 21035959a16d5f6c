import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { quantizeDoReFaWeights } from "../../src/quant/tensors/dorefa-weights.js";
import {
  type Activation,
  activate,
  activateGradient,
  codesOf,
} from "../../src/tensor/ops/activation.js";
import {
  bf16Conv2d,
  bf16Conv2dInputGradient,
  bf16Conv2dKernelGradient,
} from "../../src/tensor/ops/bf16-conv.js";
import { codedConv2d, conv2dKernelGradient } from "../../src/tensor/ops/conv2d.js";
import {
  affineActivate,
  type NormSaved,
  type NormTail,
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
import {
  storedDepthwiseConv2d,
  storedDepthwiseConv2dInputGradient,
  storedDepthwiseConv2dKernelGradient,
} from "../../src/tensor/ops/stored-depthwise-conv.js";
import { addMaps, floatsOf, storeAs } from "../../src/tensor/ops/stored-maps.js";
import { BF16, type Codes, FLOAT32, type Storage } from "../../src/tensor/storage.js";
import { type Tensor1D, type Tensor4D, tf } from "../../src/tensor/tf.js";
import { randomTensor } from "../random-tensor.js";
import { squareConv, squarePool } from "../square-windows.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

/** The distance of neighboring bfloat16 numbers, relative to them. */
const STEP = 2 ** -8;

/** Values that bfloat16 represents. */
const maps = (shape: readonly number[], seed: number): Tensor4D =>
  floatsOf(storeAs(randomTensor(shape, seed), FLOAT32, BF16), BF16) as Tensor4D;

const stored = (x: tf.Tensor, storage: Storage): Tensor4D =>
  (storage.kind === "float32" ? tf.clone(x) : storeAs(x, FLOAT32, storage)) as Tensor4D;

/** A result in a storage is the exact one, rounded to it. */
const expectStored = (actual: tf.Tensor, storage: Storage, exact: tf.Tensor): void => {
  expect(actual.shape).toEqual(exact.shape);
  const values = floatsOf(actual, storage).dataSync();
  const wanted = [...exact.dataSync()];
  const rounding = storage.kind === "bf16" ? STEP : 0;
  const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const [at, value] of wanted.entries()) {
    const allowed = rounding * Math.abs(value) + 1e-5 * scale;
    expect(Math.abs((values[at] as number) - value), `value ${at}`).toBeLessThanOrEqual(allowed);
  }
};

const STORAGES = [FLOAT32, BF16];
const PAIRS = STORAGES.flatMap((x) => STORAGES.map((y) => ({ x, y })));
const MIXES = PAIRS.flatMap(({ x, y }) => STORAGES.map((addend) => ({ x, y, addend })));

test.each([
  [1, 1],
  [-1, -1],
  [1 + 2 ** -9, 1],
  [1 + 3 * 2 ** -9, 1 + 2 ** -7],
  [1 + 2 ** -8, 1],
  [1 + 2 ** -8 + 2 ** -20, 1 + 2 ** -7],
  [3e38, 3.00405527047391e38],
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
])("bfloat16 of %d is %d", (value, near) => {
  const [rounded] = floatsOf(storeAs(tf.tensor1d([value]), FLOAT32, BF16), BF16).dataSync();
  expect(rounded).toBe(Math.fround(near));
});

test("NaN stays NaN in bfloat16", () => {
  const [value] = floatsOf(storeAs(tf.tensor1d([Number.NaN]), FLOAT32, BF16), BF16).dataSync();
  expect(value).toBeNaN();
});

test.each([
  { kind: "codes", levels: 255, isSigned: false },
  { kind: "codes", levels: 3, isSigned: false },
  { kind: "codes", levels: 127, isSigned: true },
  { kind: "codes", levels: 1, isSigned: true },
] as const)("codes $levels, signed: $isSigned, keep their values to the bit", (codes: Codes) => {
  const least = codes.isSigned ? -codes.levels : 0;
  const count = codes.levels - least + 1;
  const values = Float32Array.from({ length: count }, (_, k) =>
    Math.fround((least + k) / codes.levels),
  );
  const again = floatsOf(storeAs(tf.tensor1d(values), FLOAT32, codes), codes);
  expect(again.dataSync()).toEqual(values);
});

test("ops that do not know a storage refuse it; a clone is the same tensor", () => {
  const x = stored(maps([1, 2, 2, 3], 1), BF16);
  expect(() => tf.add(x, 1)).toThrow();
  expect(() => tf.reshape(x, [12]).dataSync()).toThrow();
  const clone = tf.clone(x);
  x.dispose();
  expectStored(clone, BF16, maps([1, 2, 2, 3], 1));
});

test.each(PAIRS)("sums of $x.kind and $y.kind", ({ x, y }) => {
  const [a, b] = [maps([3, 5, 7, 11], 1), maps([3, 5, 7, 11], 2)];
  for (const sum of STORAGES)
    expectStored(addMaps(stored(a, x), stored(b, y), sum), sum, tf.add(a, b));
});

describe("convolutions", () => {
  const CASES = [
    { cIn: 16, cOut: 24, side: 9, ...squareConv({ stride: 1, pad: 1, groups: 1 }) },
    { cIn: 12, cOut: 40, side: 8, ...squareConv({ stride: 2, pad: 1, groups: 2 }) },
  ];
  test.each(CASES.flatMap((geometry) => PAIRS.map((storage) => ({ geometry, ...storage }))))(
    "of operands in bfloat16: $x.kind -> $y.kind, $geometry.groups groups",
    ({ geometry, x: from, y: to }) => {
      const { cIn, cOut, side, groups } = geometry;
      const x = maps([3, side, side, cIn], 1);
      const kernel = maps([3, 3, cIn / groups, cOut], 2);
      const y = bf16Conv2d.plain(x, kernel, geometry);
      const dy = maps(y.shape, 3);
      expectStored(bf16Conv2d(stored(x, from), kernel, geometry, to), to, y);
      const dx = bf16Conv2dInputGradient(stored(dy, to), kernel, x.shape, geometry, from);
      expectStored(dx, from, bf16Conv2dInputGradient.plain(dy, kernel, x.shape, geometry));
      const operands = [stored(x, from), stored(dy, to)] as const;
      const dKernel = bf16Conv2dKernelGradient(...operands, kernel.shape, geometry, from);
      expectStored(dKernel, FLOAT32, bf16Conv2dKernelGradient.plain(x, dy, kernel.shape, geometry));
    },
  );

  test.each([5, 16, 33].flatMap((channels) => PAIRS.map((storage) => ({ channels, ...storage }))))(
    "with a filter for each of $channels channels: $x.kind -> $y.kind",
    ({ channels, x: from, y: to }) => {
      for (const stride of [1, 2]) {
        const geometry = squareConv({ stride, pad: 1, groups: channels });
        const x = maps([2, 9, 9, channels], 1);
        const kernel = maps([3, 3, 1, channels], 2);
        const y = storedDepthwiseConv2d.plain(x, kernel, geometry, FLOAT32);
        const dy = maps(y.shape, 3);
        expectStored(storedDepthwiseConv2d(stored(x, from), kernel, geometry, to), to, y);
        expectStored(
          storedDepthwiseConv2dInputGradient(stored(dy, to), kernel, x.shape, geometry, from),
          from,
          storedDepthwiseConv2dInputGradient.plain(dy, kernel, x.shape, geometry, FLOAT32),
        );
        const storage = { x: from, dy: to };
        expectStored(
          storedDepthwiseConv2dKernelGradient(
            ...([stored(x, from), stored(dy, to)] as const),
            kernel.shape,
            geometry,
            storage,
          ),
          FLOAT32,
          storedDepthwiseConv2dKernelGradient.plain(x, dy, kernel.shape, geometry, storage),
        );
      }
    },
  );

  const QUANTIZERS: Activation[] = [
    { kind: "unit", scale: 1, levels: 255, afterRelu: true },
    { kind: "unit", scale: 1, levels: 3, afterRelu: true },
    { kind: "sign", straightThrough: "saturate" },
    { kind: "ternary", straightThrough: "saturate" },
    { kind: "step", straightThrough: "saturate" },
  ];
  test.each(
    QUANTIZERS.flatMap((quantizer) => [16, 18].map((channels) => ({ quantizer, channels }))),
  )(
    "of codes $quantizer.kind of $channels channels are exact, and their kernels have the same gradients",
    ({ quantizer, channels }) => {
      const geometry = squareConv({ stride: 1, pad: 1, groups: 2 });
      const codes = codesOf(quantizer) as Codes;
      const input = maps([2, 7, 7, channels], 1);
      const values = activate.plain(input, quantizer) as Tensor4D;
      const x = activate(input, quantizer, codes) as Tensor4D;
      const kernel = tf.mul(tf.sign(randomTensor([3, 3, channels / 2, 20], 2)), 0.5) as Tensor4D;
      const floats = codedConv2d(values, kernel, codes.levels, geometry);
      for (const y of STORAGES)
        expectStored(codedConv2d(x, kernel, codes.levels, geometry, { x: codes, y }), y, floats);
      const dy = maps(floats.shape, 3);
      // dy has values of bfloat16, and codes are not rounded.
      expectStored(
        bf16Conv2dKernelGradient(x, dy, kernel.shape, geometry, codes),
        FLOAT32,
        conv2dKernelGradient.plain(values, dy, kernel.shape, geometry),
      );
    },
  );

  test.each([
    [{ kind: "signedUnit", scale: 1, levels: 7 }, 8],
    [{ kind: "signedUnit", scale: 1, levels: 127 }, 2],
    [{ kind: "sign", straightThrough: "saturate" }, 4],
    [{ kind: "ternary", straightThrough: "saturate" }, 8],
  ] as const)(
    "of signed codes %j with weights of %d bits are those of their values",
    (quantizer, bits) => {
      const geometry = squareConv({ stride: 1, pad: 1, groups: 1 });
      const codes = codesOf(quantizer) as Codes;
      const input = maps([2, 7, 7, 16], 1);
      const values = activate.plain(input, quantizer) as Tensor4D;
      const x = activate(input, quantizer, codes) as Tensor4D;
      const kernel = quantizeDoReFaWeights(randomTensor([3, 3, 16, 20], 2), bits) as Tensor4D;
      const storage = { x: codes, y: FLOAT32 };
      expectStored(
        codedConv2d(x, kernel, codes.levels, geometry, storage),
        FLOAT32,
        codedConv2d.plain(values, kernel, codes.levels, geometry),
      );
    },
  );

  test("codes whose kernel has other weights are multiplied as floats", () => {
    const geometry = squareConv({ stride: 1, pad: 0, groups: 1 });
    const codes: Codes = { kind: "codes", levels: 1, isSigned: true };
    const values = tf.sign(randomTensor([2, 5, 5, 8], 1)) as Tensor4D;
    const kernel = randomTensor([3, 3, 8, 6], 2) as Tensor4D;
    const y = codedConv2d(stored(values, codes), kernel, 1, geometry, { x: codes, y: BF16 });
    expectStored(y, BF16, codedConv2d.plain(values, kernel, 1, geometry));
  });
});

describe.each([
  { activation: { kind: "relu" }, shuffleGroups: 1, channels: 16 },
  { activation: { kind: "silu" }, shuffleGroups: 1, channels: 7 },
  { activation: { kind: "relu6" }, shuffleGroups: 3, channels: 12 },
  { activation: { kind: "identity" }, shuffleGroups: 1, channels: 300 },
] as const)("a norm with $activation.kind, $channels channels, $shuffleGroups groups", (norm) => {
  const tail: NormTail = norm;
  const shape = [3, 11, 13, norm.channels];
  test.each([...MIXES, ...PAIRS.map((pair) => ({ ...pair, addend: null }))])(
    "$x.kind + $addend.kind -> $y.kind",
    ({ x: from, addend: added, y: to }) => {
      const vector = (seed: number): Tensor1D => randomTensor([norm.channels], seed) as Tensor1D;
      const gamma = vector(3);
      const beta = vector(4);
      const running = { mean: vector(5), variance: tf.abs(vector(6)) as Tensor1D };
      const update = { weight: 0.1, inputBias: vector(7) };
      const [x, addend, dy] = [maps(shape, 1), maps(shape, 2), maps(shape, 8)];
      const [own, plain] = [added && stored(addend, added), added && addend];
      const parameters = { gamma, beta };
      const exact = normActivateTrain.plain(x, parameters, running, update, 1e-5, tail, plain);
      const result = normActivateTrain(
        stored(x, from),
        parameters,
        running,
        update,
        1e-5,
        tail,
        own,
        to,
      );
      expectStored(result.y, to, exact.y);
      expectStored(result.mean, FLOAT32, exact.mean);
      expectStored(result.variance, FLOAT32, exact.variance);
      expectStored(result.running.variance, FLOAT32, exact.running.variance);
      const saved: NormSaved = { ...parameters, ...exact, x: stored(x, from), addend: own };
      const plainSaved: NormSaved = { ...parameters, ...exact, x, addend: plain };
      expectStored(normActivateRecompute(saved, 1e-5, tail, to), to, exact.y);
      const storage = { dx: from, ...(added && { dAddend: added }) };
      const gradients = normActivateGradient(stored(dy, to), saved, 1e-5, tail, storage);
      const wanted = normActivateGradient.plain(dy, plainSaved, 1e-5, tail);
      expectStored(gradients.dx, from, wanted.dx);
      expectStored(gradients.dGamma, FLOAT32, wanted.dGamma);
      expectStored(gradients.dBeta, FLOAT32, wanted.dBeta);
      if (added) expectStored(gradients.dAddend as tf.Tensor, added, wanted.dAddend as tf.Tensor);
      const affine = { center: beta, scale: gamma, shift: running.mean };
      expectStored(
        affineActivate(stored(x, from), affine, tail, own, to),
        to,
        affineActivate.plain(x, affine, tail, plain),
      );
    },
  );
});

test("a norm with a quantizer gives its codes", () => {
  const activation: Activation = { kind: "unit", scale: 1, levels: 15, afterRelu: true };
  const codes = codesOf(activation) as Codes;
  const x = maps([2, 5, 5, 24], 1);
  const affine = { center: tf.zeros([24]), scale: tf.ones([24]), shift: tf.zeros([24]) } as const;
  const run = (y: Storage): tf.Tensor =>
    affineActivate(x, affine as never, { activation, shuffleGroups: 4 }, null, y);
  expect(floatsOf(run(codes), codes).dataSync()).toEqual(run(FLOAT32).dataSync());
});

test.each(PAIRS)("activations: $x.kind -> $y.kind", ({ x: from, y: to }) => {
  const [x, dy] = [maps([3, 700, 3, 1], 1), maps([3, 700, 3, 1], 2)];
  for (const activation of [{ kind: "hardSwish" }, { kind: "relu" }] as const) {
    expectStored(activate(stored(x, from), activation, to), to, activate.plain(x, activation));
    const dx = activateGradient(stored(dy, to), stored(x, from), activation, from);
    expectStored(dx, from, activateGradient.plain(dy, x, activation));
  }
});

test.each(PAIRS)("pools: $x.kind -> $y.kind", ({ x: from, y: to }) => {
  const geometry = { ...squarePool({ size: 3, stride: 2, pad: 1 }), countsPadding: false };
  const x = maps([2, 9, 9, 20], 1);
  const dy = maps([2, 5, 5, 20], 2);
  expectStored(maxPool(stored(x, from), geometry, to), to, maxPool.plain(x, geometry));
  const { y, argmax } = maxPoolTrain(stored(x, from), geometry, to);
  const plain = maxPoolTrain.plain(x, geometry);
  expectStored(y, to, plain.y);
  expectStored(
    maxPoolGradient(stored(dy, to), argmax, x.shape, geometry, from),
    from,
    maxPoolGradient.plain(dy, plain.argmax, x.shape, geometry),
  );
  expectStored(averagePool(stored(x, from), geometry, to), to, averagePool.plain(x, geometry));
  expectStored(
    averagePoolGradient(stored(dy, to), x.shape, geometry, from),
    from,
    averagePoolGradient.plain(dy, x.shape, geometry),
  );
});

test.each([
  { kind: "codes", levels: 255, isSigned: false },
  { kind: "codes", levels: 1, isSigned: true },
] as const)("max pools of codes $levels, signed: $isSigned, give codes", (codes: Codes) => {
  const geometry = squarePool({ size: 3, stride: 2, pad: 1 });
  const least = codes.isSigned ? -1 : 0;
  const unit = tf.clipByValue(maps([2, 9, 9, 20], 1), least, 1);
  // Codes have no negative 0.
  const whole = tf.add(tf.round(tf.mul(unit, codes.levels)), 0);
  const x = tf.div(whole, codes.levels) as Tensor4D;
  const { y, argmax } = maxPoolTrain(stored(x, codes), geometry, codes);
  const plain = maxPoolTrain(x, geometry);
  expect(floatsOf(y, codes).dataSync()).toEqual(plain.y.dataSync());
  const dy = randomTensor(y.shape, 2) as Tensor4D;
  const gradient = (at: tf.Tensor) => maxPoolGradient(dy, at, x.shape, geometry).dataSync();
  expect(gradient(argmax)).toEqual(gradient(plain.argmax));
});
