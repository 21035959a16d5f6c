import { describe, expect, test } from "vitest";
import type { NativeBackend } from "../../../src/engine/native-backend.js";
import { attributeMaker } from "../../../src/engine/native-kernels/activation-attributes.js";
import { convAttributes } from "../../../src/engine/native-kernels/conv-attributes.js";
import { storageAttribute } from "../../../src/engine/native-kernels/storage-attributes.js";
import { FLOAT32 } from "../../../src/tensor/storage.js";
import { tf } from "../../../src/tensor/tf.js";
import { randomTensor } from "../../random-tensor.js";
import { squareConv } from "../../square-windows.js";

/** -1 and 1. */
export const signs = (shape: number[], seed: number): tf.Tensor =>
  tf.sign(randomTensor(shape, seed));
/** k / levels with whole k from 0 to levels. */
export const codes = (shape: number[], seed: number, levels: number): tf.Tensor =>
  tf.div(tf.round(tf.mul(tf.clipByValue(randomTensor(shape, seed), 0, 1), levels)), levels);

export const IMAGES = [2, 4, 4, 40];
export const KERNEL = [1, 1, 40, 24];
/** What an op gives that leaves its work to floats. */
export const NOTHING = [0, 0, 0, 0];

/** An op of the native engine that convolves in codes, with operands that suit it. */
export interface CodeOp {
  readonly op: string;
  /** Of the processor. */
  readonly isKnown: boolean;
  /** Of the input; null where it is -1, 0 or 1. */
  readonly levels: number | null;
  readonly operands: () => readonly [tf.Tensor, tf.Tensor];
}

/** The shape of what an op gives. */
export const shapeOfOp = (
  { op, levels }: Pick<CodeOp, "op" | "levels">,
  x: tf.Tensor,
  kernel: tf.Tensor,
): number[] => {
  const backend = tf.backend() as unknown as NativeBackend;
  const { int } = attributeMaker(backend);
  const geometry = [
    ...convAttributes(backend, squareConv({ stride: 1, pad: 0, groups: 1 })),
    storageAttribute(backend, "Ty", FLOAT32),
  ];
  const attributes = levels === null ? geometry : [...geometry, int("input_levels", levels)];
  return backend.executeSingleOutput(op, attributes, [x, kernel]).shape;
};

/** Computes what suits it, and leaves everything else to floats. */
export const describeCodeOp = (coded: CodeOp): void => {
  const { op, isKnown, operands } = coded;
  const shapeOf = (x: tf.Tensor, kernel: tf.Tensor): number[] => shapeOfOp(coded, x, kernel);
  describe(op, () => {
    test(`computes ${isKnown ? "in codes" : "nothing"} on this processor`, () => {
      expect(shapeOf(...operands())).toEqual(isKnown ? [2, 4, 4, 24] : NOTHING);
    });

    test.each([
      ["a value between two codes", 0.123],
      ["a negative or a greater one", -2],
      ["NaN", Number.NaN],
      ["infinity", Number.POSITIVE_INFINITY],
    ])("leaves an input with %s to floats", (_, value) => {
      const [x, kernel] = operands();
      const values = x.dataSync().slice();
      values[values.length - 1] = value;
      expect(shapeOf(tf.tensor(values, x.shape), kernel)).toEqual(NOTHING);
    });

    test.each([
      ["a weight off the grid", 0.1234567],
      ["NaN", Number.NaN],
      ["infinity", Number.POSITIVE_INFINITY],
    ])("leaves a kernel with %s to floats", (_, value) => {
      const [x, kernel] = operands();
      const values = kernel.dataSync().slice();
      values[values.length - 1] = value;
      expect(shapeOf(x, tf.tensor(values, kernel.shape))).toEqual(NOTHING);
    });

    test("leaves latent weights to floats", () => {
      expect(shapeOf(operands()[0], randomTensor(KERNEL, 3))).toEqual(NOTHING);
    });
  });
};
