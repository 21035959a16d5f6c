import { beforeAll, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { createGraphBuilder } from "../../../src/graph/graph-builder.js";
import { runGraph } from "../../../src/models/executor/run-graph.js";
import { type Parameter, replaceValue } from "../../../src/models/parameter.js";
import { type Tensor2D, type Tensor4D, tf } from "../../../src/tensor/tf.js";
import { randomTensor } from "../../random-tensor.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

/** A residual net without kinks, so that differences are close to gradients. */
const graph = () => {
  const g = createGraphBuilder({ height: 8, width: 8, channels: 3 });
  const conv = { filters: 4, kernel: 3, padding: 1 };
  const stem = g.activation(g.batchNorm("bn1", g.conv("conv1", g.images, conv)), {
    function: "silu",
  });
  const block = g.within("block");
  const inner = block.activation(block.batchNorm("bn", block.conv("conv", stem, conv)), {
    function: "sigmoid",
  });
  return g.finish(g.dense("fc", g.globalPool(block.add(inner, stem)), { features: 5 }));
};

const INITIAL = { seed: 3, gammaStart: "ones", kernelStart: "published" } as const;
/** A value that norm and activation otherwise compute in one step, and one with two readers. */
const WATCHED = ["block.bn", "silu1"];

const images = () => randomTensor([6, 8, 8, 3], 1) as Tensor4D;

const dispose = (net: ReturnType<typeof runGraph>) => net.dispose();

test("watched values are returned in training and inference, and change no logits", () => {
  const plain = runGraph(graph(), INITIAL);
  const net = runGraph(graph(), INITIAL, { watched: WATCHED });
  const x = images();
  const before = tf.memory().numTensors;
  for (const pass of ["train", "inferWatched"] as const) {
    const { logits, watched } = net[pass](x);
    const expected = plain[pass](x);
    expect([...logits.dataSync()]).toEqual([...expected.logits.dataSync()]);
    expect(watched.map(({ shape }) => shape)).toEqual([
      [6, 8, 8, 4],
      [6, 8, 8, 4],
    ]);
    expect(expected.watched).toEqual([]);
    for (const each of [net, plain])
      if (pass === "train") each.train(x).backward(tf.zeros([6, 5]) as Tensor2D);
    tf.dispose([logits, ...watched, expected.logits]);
  }
  net.infer(x).dispose();
  expect(tf.memory().numTensors).toBeGreaterThanOrEqual(before);
  dispose(net);
  dispose(plain);
});

test("gradients of watched values reach the parameters before them", () => {
  const net = runGraph(graph(), INITIAL, { watched: WATCHED });
  const x = images();
  const factors = [
    randomTensor([6, 5], 2),
    ...[3, 4].map((key) => randomTensor([6, 8, 8, 4], key)),
  ];
  const loss = (): number => {
    const { logits, watched } = net.train(x);
    return tf.tidy(() =>
      [logits, ...watched].reduce(
        (sum, value, at) =>
          sum + (tf.sum(tf.mul(value, factors[at] as tf.Tensor)).dataSync()[0] as number),
        0,
      ),
    );
  };
  const { backward } = net.train(x);
  backward(factors[0] as Tensor2D, factors.slice(1));
  const parameter = net.parameters.find(({ name }) => name === "conv1.weight") as Parameter;
  const gradient = parameter.gradient as tf.Tensor;
  const length = tf.norm(gradient).dataSync()[0] as number;
  const start = parameter.value.clone();
  const STEP = 2 ** -6;
  const moved = [1, -1].map((sign) => {
    replaceValue(parameter, tf.add(start, tf.mul(gradient, (sign * STEP) / length)));
    return loss();
  });
  const difference = ((moved[0] as number) - (moved[1] as number)) / (2 * STEP);
  // The third derivative along the gradient, times the square of the step.
  expect(Math.abs(difference / length - 1)).toBeLessThan(0.01);
  dispose(net);
});

test("without gradients of its own a watched value changes no gradient, and nothing leaks", () => {
  const gradientsOf = (watched: readonly string[]) => {
    const net = runGraph(graph(), INITIAL, { watched });
    const x = images();
    const before = tf.memory().numTensors;
    const pass = net.train(x);
    const dLogits = randomTensor([6, 5], 2) as Tensor2D;
    pass.backward(dLogits);
    const numbers = net.parameters.map(({ gradient }) => [...(gradient as tf.Tensor).dataSync()]);
    tf.dispose([pass.logits, ...pass.watched, dLogits]);
    tf.dispose(net.parameters.map(({ gradient }) => gradient as tf.Tensor));
    expect(tf.memory().numTensors).toBe(before);
    dispose(net);
    return numbers;
  };
  const [plain, watched] = [gradientsOf([]), gradientsOf(WATCHED)];
  // The separate activation adds in another order.
  for (const [at, numbers] of plain.entries())
    for (const [index, value] of numbers.entries())
      expect(watched[at]?.[index]).toBeCloseTo(value, 4);
});

test("gradients of watched values of frozen layers are dropped without a leak", () => {
  const frozen = new Set(["conv1", "bn1", "silu1"]);
  const net = runGraph(graph(), INITIAL, { watched: ["silu1"], frozen });
  const x = images();
  const before = tf.memory().numTensors;
  const { logits, watched, backward } = net.train(x);
  const gradients = [randomTensor([6, 5], 2), randomTensor([6, 8, 8, 4], 3)];
  backward(gradients[0] as Tensor2D, gradients.slice(1));
  tf.dispose([logits, ...watched, ...gradients]);
  tf.dispose(net.parameters.map(({ gradient }) => gradient as tf.Tensor));
  expect(tf.memory().numTensors).toBe(before);
  dispose(net);
});
