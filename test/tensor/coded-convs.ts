import { describe, expect, test } from "vitest";
import { quantizeDoReFaWeights } from "../../src/quant/tensors/dorefa-weights.js";
import { type Activation, codesOf } from "../../src/tensor/ops/activation.js";
import { codedConv2dActivate } from "../../src/tensor/ops/coded-conv-activate.js";
import { type ConvGeometry, codedConv2d, conv2d } from "../../src/tensor/ops/conv2d.js";
import { affineActivate } from "../../src/tensor/ops/norm-activate.js";
import { floatsOf } from "../../src/tensor/ops/stored-maps.js";
import { FLOAT32 } from "../../src/tensor/storage.js";
import { tf } from "../../src/tensor/tf.js";
import { randomTensor } from "../random-tensor.js";
import { type SquareConv, squareConv } from "../square-windows.js";
import { expectClose, SUM_TOLERANCE } from "./close-tensors.js";

/** -1, 0 and 1; a normal value below `least` makes a 0. */
const ternaryTensor = (shape: number[], seed: number, least: number): tf.Tensor4D =>
  tf.tidy(() => {
    const present = tf.greaterEqual(randomTensor(shape, seed + 100), least);
    return tf.mul(tf.sign(randomTensor(shape, seed)), tf.cast(present, "float32")) as tf.Tensor4D;
  });

/** k / levels with whole k from 0 to levels. */
const gridTensor = (shape: number[], seed: number, levels: number): tf.Tensor4D =>
  tf.tidy(() => {
    const unit = tf.clipByValue(randomTensor(shape, seed, 1.2), 0, 1);
    return tf.div(tf.round(tf.mul(unit, levels)), levels) as tf.Tensor4D;
  });

interface CodedCase extends SquareConv {
  readonly kernel: number;
  readonly cIn: number;
  readonly cOut: number;
  /** What differs from a square window. */
  readonly other?: Partial<ConvGeometry>;
}

/** Compares the loaded engine's convolutions of integer codes with their reference implementations, in codes or in floats. */
export const describeCodedConvs = (): void => {
  describe.each<CodedCase>([
    { kernel: 1, pad: 0, groups: 1, stride: 1, cIn: 192, cOut: 160 },
    { kernel: 5, pad: 2, groups: 1, stride: 1, cIn: 96, cOut: 192 },
    { kernel: 3, pad: 1, groups: 16, stride: 1, cIn: 256, cOut: 512 },
    { kernel: 3, pad: 1, groups: 3, stride: 2, cIn: 15, cOut: 21 },
    { kernel: 1, pad: 0, groups: 2, stride: 1, cIn: 66, cOut: 34 },
    { kernel: 3, pad: 2, groups: 1, stride: 1, cIn: 33, cOut: 17 },
    { kernel: 4, pad: 0, groups: 1, stride: 3, cIn: 1, cOut: 1 },
    { kernel: 3, pad: 2, groups: 2, stride: 1, cIn: 36, cOut: 40, other: { dilation: [2, 3] } },
    { kernel: 3, pad: 0, groups: 1, stride: 1, cIn: 40, cOut: 20, other: { stride: [2, 1] } },
    { kernel: 2, pad: 0, groups: 1, stride: 2, cIn: 9, cOut: 18, other: { padding: [0, 1, 2, 0] } },
    { kernel: 3, pad: 1, groups: 24, stride: 2, cIn: 24, cOut: 24 },
  ])("integer convolution %j", ({ kernel, cIn, cOut, other, ...square }) => {
    const geometry = { ...squareConv(square), ...other };
    const xShape = [3, 11, 9, cIn];
    const wShape = [kernel, kernel, cIn / geometry.groups, cOut];
    const ternaryOperands = (least: number): [tf.Tensor4D, tf.Tensor4D] => [
      ternaryTensor(xShape, 1, least),
      ternaryTensor(wShape, 2, least),
    ];

    test.each([
      ["no", Number.NEGATIVE_INFINITY],
      ["some", 0],
      ["nothing but", Number.POSITIVE_INFINITY],
    ])("sums of ones with %s zeros are exact", (_, least) => {
      const [x, w] = ternaryOperands(least);
      expectClose(codedConv2d(x, w, 1, geometry), codedConv2d.plain(x, w, 1, geometry), 0);
    });

    test("each filter has its own factor", () => {
      const [x, codes] = ternaryOperands(-0.5);
      const w = tf.mul(codes, randomTensor([cOut], 4)) as tf.Tensor4D;
      const expected = codedConv2d.plain(x, w, 1, geometry);
      expectClose(codedConv2d(x, w, 1, geometry), expected, SUM_TOLERANCE);
    });

    test.each([0.5, 2, Number.NaN, Number.POSITIVE_INFINITY])(
      "a value of %d in the input, or a second magnitude in a filter, is computed in floats",
      (value) => {
        const [x, w] = ternaryOperands(-0.5);
        const last = (shape: readonly number[]): number[] => shape.map((side) => side - 1);
        const withValue = (t: tf.Tensor4D): tf.Tensor4D => {
          const buffer = tf.buffer(t.shape, "float32", t.dataSync().slice() as Float32Array);
          buffer.set(value, ...(last(t.shape) as [number, number, number, number]));
          return buffer.toTensor() as tf.Tensor4D;
        };
        const other = withValue(x);
        const filters = withValue(w);
        for (const [input, weights] of [
          [other, w],
          [x, filters],
        ] as const) {
          const y = codedConv2d(input, weights, 1, geometry).dataSync();
          expect(y).toEqual(conv2d(input, weights, geometry).dataSync());
        }
      },
    );

    test.each([1, 2, 3, 4, 5, 8])("DoReFa weights and activations of %i bits", (bits) => {
      const x = gridTensor(xShape, 1, 2 ** bits - 1);
      const w = quantizeDoReFaWeights(randomTensor(wShape, 2), bits) as tf.Tensor4D;
      const y = codedConv2d(x, w, 2 ** bits - 1, geometry);
      expectClose(y, conv2d.plain(x, w, geometry), SUM_TOLERANCE);
    });

    test.each([2, 4, 8])("DoReFa weights and signed activations of %i bits", (bits) => {
      const levels = 2 ** (bits - 1) - 1;
      const signs = tf.sign(randomTensor(xShape, 5));
      const x = tf.mul(gridTensor(xShape, 1, levels), signs) as tf.Tensor4D;
      const w = quantizeDoReFaWeights(randomTensor(wShape, 2), bits) as tf.Tensor4D;
      const y = codedConv2d(x, w, levels, geometry);
      expectClose(y, conv2d.plain(x, w, geometry), SUM_TOLERANCE);
    });

    test.each<[string, Activation]>([
      ["floats", { kind: "relu" }],
      ["codes", { kind: "unit", scale: 0.3, levels: 15, afterRelu: false }],
      ["codes of a whole byte", { kind: "unit", scale: 0.3, levels: 255, afterRelu: false }],
      ["signs", { kind: "sign", straightThrough: "saturate" }],
    ])("in one pass with what follows it gives the same %s", (_, activation) => {
      for (const y of [FLOAT32, codesOf(activation) ?? FLOAT32]) {
        const perChannel = (seed: number): tf.Tensor1D => randomTensor([cOut], seed) as tf.Tensor1D;
        const affine = { center: perChannel(5), scale: perChannel(6), shift: perChannel(7) };
        for (const shuffleGroups of cOut % 2 === 0 ? [1, 2] : [1])
          for (const levels of [1, 255]) {
            const x = levels === 1 ? ternaryTensor(xShape, 1, 0) : gridTensor(xShape, 1, levels);
            const w = quantizeDoReFaWeights(
              randomTensor(wShape, 2),
              levels === 1 ? 1 : 8,
            ) as tf.Tensor4D;
            const tail = { activation, shuffleGroups };
            const storage = { x: FLOAT32, y };
            const once = codedConv2dActivate(x, w, levels, geometry, affine, tail, storage);
            const sums = codedConv2d(x, w, levels, geometry);
            const twice = affineActivate(sums, affine, tail, null, y);
            expect(floatsOf(once, y).dataSync()).toEqual(floatsOf(twice, y).dataSync());
          }
      }
    });

    test("ternary weights with DoReFa activations, and a batch norm folded into a grid of 8 bits", () => {
      const x = gridTensor(xShape, 1, 255);
      const scale = randomTensor([cOut], 4);
      for (const codes of [
        ternaryTensor(wShape, 2, -0.3),
        quantizeDoReFaWeights(randomTensor(wShape, 2), 8),
      ]) {
        const w = tf.mul(codes, scale) as tf.Tensor4D;
        const y = codedConv2d(x, w, 255, geometry);
        expectClose(y, conv2d.plain(x, w, geometry), SUM_TOLERANCE);
      }
    });
  });

  test("an empty batch gives an empty integer convolution", () => {
    const w = ternaryTensor([1, 1, 32, 16], 1, -0.5);
    const x = tf.zeros([0, 4, 4, 32]) as tf.Tensor4D;
    for (const levels of [1, 255]) {
      const y = codedConv2d(x, w, levels, squareConv({ stride: 1, pad: 0, groups: 1 }));
      expect(y.shape).toEqual([0, 4, 4, 16]);
    }
  });
};
