import { describe, expect, test } from "vitest";
import type { JointTrace } from "../../../src/models/layers/layer.js";
import { tf } from "../../../src/tensor/tf.js";
import { relativeDifference } from "../../reference/compare.js";
import { expectClose, SUM_TOLERANCE } from "../../tensor/close-tensors.js";
import { inEngine, layerOf, type PytorchCase, pytorchCases, tensorOf } from "./pytorch-cases.js";

const expectAll = (actual: readonly tf.Tensor[], expected: PytorchCase["ys"]): void => {
  expect(actual.length).toBe(expected.length);
  for (const [at, numbers] of expected.entries())
    expectClose(actual[at] as tf.Tensor, tensorOf(numbers), SUM_TOLERANCE);
};

/** Runs a test in which every tensor is freed that it makes itself; fails if the layer frees too few or too many. */
const expectNoLeak = (run: () => void): void => {
  const before = tf.memory().numTensors;
  run();
  expect(tf.memory().numTensors).toBe(before);
};

/** The gradients of a case's inputs; every input has one. */
const gradientsOf = ({ backward }: Pick<JointTrace, "backward">, each: PytorchCase): tf.Tensor[] =>
  backward(each.dys.map(tensorOf)).map((dx) => dx as tf.Tensor);

const checkTraining = (each: PytorchCase): void => {
  const { layer, parameters, dispose } = layerOf(each);
  const trace = layer.train(each.xs.map(tensorOf));
  tf.tidy(() => expectAll(trace.ys, each.ys));
  tf.dispose([...trace.ys]);
  const dxs = gradientsOf(trace, each);
  tf.tidy(() => {
    expectAll(dxs, each.dxs);
    for (const [suffix, { gradient }] of Object.entries(each.parameters ?? {})) {
      const actual = parameters[suffix]?.gradient as tf.Tensor;
      expectClose(actual, inEngine(each.name, gradient), SUM_TOLERANCE);
    }
  });
  tf.dispose([...dxs]);
  dispose();
};

const checkInference = (each: PytorchCase): void => {
  const { layer, dispose } = layerOf(each);
  const ys = layer.infer(each.xs.map(tensorOf));
  tf.tidy(() => expectAll(ys, each.ys));
  tf.dispose([...ys]);
  dispose();
};

/** Sum of ys times dys with one input's value moved. */
const movedSum = (each: PytorchCase, input: number, index: number, by: number): number => {
  const { layer, dispose } = layerOf(each);
  const xs = each.xs.map(({ shape, values }, at) =>
    tf.tensor(
      values.map((value, position) => (at === input && position === index ? value + by : value)),
      shape,
    ),
  );
  const { ys, backward } = layer.train(xs);
  let sum = 0;
  for (const [at, y] of ys.entries()) {
    const dy = each.dys[at]?.values as readonly number[];
    for (const [position, value] of y.dataSync().entries()) sum += value * (dy[position] as number);
  }
  tf.dispose([...ys]);
  tf.dispose(gradientsOf({ backward }, each));
  dispose();
  return sum;
};

/** A power of two, so that most moved inputs and differences are exact; less than the distance of inputs from a kink. */
const STEP = 2 ** -5;

/** Functions with a third derivative, whose central differences are off by about the square of the step. */
const isCurved = ({ name }: PytorchCase): boolean => /silu|softmax|norm/.test(name);

const checkDifferences = (each: PytorchCase): void => {
  const { layer, dispose } = layerOf(each);
  const trace = layer.train(each.xs.map(tensorOf));
  tf.dispose([...trace.ys]);
  const dxs = gradientsOf(trace, each);
  for (const [input, { values }] of each.xs.entries()) {
    const differences = values.map(
      (_, index) =>
        (movedSum(each, input, index, STEP) - movedSum(each, input, index, -STEP)) / (2 * STEP),
    );
    const gap = relativeDifference((dxs[input] as tf.Tensor).dataSync(), differences);
    expect(gap).toBeLessThan(isCurved(each) ? 5e-3 : 2e-5);
  }
  tf.dispose([...dxs]);
  dispose();
};

/** Compares the loaded engine's layers with PyTorch and with finite differences. */
export const describeLayers = (): void => {
  describe.each(pytorchCases)("$name", (each) => {
    test("has PyTorch's values and gradients in training, and leaks no tensor", () => {
      expectNoLeak(() => checkTraining(each));
    });

    // A norm infers with other statistics.
    test.skipIf(each.name === "vector norm")("has them in inference, and leaks no tensor", () => {
      expectNoLeak(() => checkInference(each));
    });

    // Where two maxima tie, the function has no derivative.
    test.skipIf(each.name === "global max as vector")("has the gradient of its differences", () => {
      expectNoLeak(() => checkDifferences(each));
    });
  });
};
