import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { buildNet } from "../../src/models/build-net.js";
import { builtInSpec } from "../../src/models/chains/built-in-chain.js";
import { builtInNets } from "../../src/models/chains/built-in-chains.js";
import { scaledWidths } from "../../src/models/chains/descriptions/chain-from-description.js";
import type { Net } from "../../src/models/net.js";
import { parameter, replaceValue } from "../../src/models/parameter.js";
import { tf } from "../../src/tensor/tf.js";
import { gammaPercentiles } from "../../src/train/gamma-percentiles.js";
import { createAdam } from "../../src/train/optimizers/adam.js";
import { addGroupSparsityGradient, addSparsityGradient } from "../../src/train/sparsity.js";
import { trainingStep } from "../../src/train/training-step.js";
import { randomTensor } from "../random-tensor.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const FLOAT = { weights: { kind: "float" }, activations: { kind: "float" } } as const;

const smallNet = (arch: "nin" | "nin_gc" = "nin"): Net => {
  const spec = builtInSpec({
    arch,
    widths: scaledWidths(builtInNets[arch], 0.1),
    classes: 10,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "tnn_bin",
    quantization: FLOAT,
  });
  return buildNet(spec, { seed: 1, gammaStart: "ones" });
};

const gammasOf = ({ parameters }: Net) => parameters.filter(({ role }) => role === "gamma");

const randomBatch = () => {
  const images = randomTensor([10, 32, 32, 3], 1);
  const values = images.dataSync() as Float32Array;
  images.dispose();
  return { images: values, labels: Int32Array.from({ length: 10 }, (_, at) => at), count: 10 };
};

describe("the sparsity's part of the gradient", () => {
  const S = 0.25; // exact in float32, as are the sums below

  test("is s sign(gamma), and 0 for a gamma of 0", () => {
    const gamma = parameter("g", "gamma", tf.tensor1d([2, -0.5, 0, -0, 1e-30]));
    gamma.gradient = tf.tensor1d([1, 1, 1, -1, 0]);
    addSparsityGradient([gamma], S);
    expect([...gamma.gradient.dataSync()]).toEqual([1.25, 0.75, 1, -1, 0.25]);
    tf.dispose([gamma.value, gamma.gradient]);
  });

  test("comes to gammas alone, and only to those that are trained", () => {
    const make = (role: "weight" | "bias" | "beta") => {
      const made = parameter(role, role, tf.tensor1d([3]));
      made.gradient = tf.tensor1d([1]);
      return made;
    };
    const others = [make("weight"), make("bias"), make("beta")];
    const fixed = parameter("fixed", "gamma", tf.tensor1d([1]));
    addSparsityGradient([...others, fixed], S);
    expect(others.map(({ gradient }) => gradient?.dataSync()[0])).toEqual([1, 1, 1]);
    expect(fixed.gradient).toBeNull();
    tf.dispose([fixed.value, ...others.flatMap(({ value, gradient }) => [value, gradient ?? []])]);
  });

  test("leaks no tensor", () => {
    const gamma = parameter("g", "gamma", tf.tensor1d([1, -1]));
    gamma.gradient = tf.tensor1d([0, 0]);
    const before = tf.memory().numTensors;
    for (let step = 0; step < 3; step++) addSparsityGradient([gamma], S);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([gamma.value, gamma.gradient]);
  });
});

describe("sparse training", () => {
  const train = (sparsityLambda: number | undefined, steps: number): number[] => {
    const net = smallNet();
    const adam = createAdam(net.parameters);
    const options = { learningRate: 0.01, weightDecay: 0, sparsityLambda };
    const batch = randomBatch();
    for (let step = 0; step < steps; step++) trainingStep(net, adam, batch, options);
    const gammas = gammasOf(net).flatMap(({ value }) => [...value.dataSync()]);
    adam.dispose();
    net.dispose();
    return gammas;
  };

  test("gives other gammas than plain training, and identical ones when repeated", () => {
    const sparse = train(0.1, 3);
    expect(train(0.1, 3)).toEqual(sparse);
    expect(train(undefined, 3)).not.toEqual(sparse);
  });

  test("shrinks every gamma, the last norm's too, if the penalty outweighs the loss", () => {
    // 10 is far above any gradient of the loss, so that Adam takes its full step of 0.01 each time.
    for (const gamma of train(10, 5)) expect(gamma).toBeCloseTo(0.95, 3);
  });
});

describe("percentiles of |gamma|", () => {
  test("are those of all norms but the last, sorted together, at index floor(total p)", () => {
    const net = smallNet();
    const gammas = gammasOf(net);
    let count = 0;
    for (const gamma of gammas.slice(0, -1)) {
      const start = count;
      const values = Array.from({ length: gamma.value.size }, (_, at) => start + at + 1);
      replaceValue(gamma, tf.tensor1d(values.map((value) => (value % 2 ? value : -value))));
      count += values.length;
    }
    const last = gammas.at(-1);
    if (last) replaceValue(last, tf.fill([10], 1e-6));
    // The values are 1, 2, … with turning signs, so that the one at an index is the index plus 1.
    expect(gammaPercentiles(net)).toEqual({
      "30": Math.floor(count * 0.3) + 1,
      "50": Math.floor(count * 0.5) + 1,
      "70": Math.floor(count * 0.7) + 1,
    });
    net.dispose();
  });

  test("leave out no norm if the last one has no gamma", () => {
    const spec = builtInSpec({
      arch: "nin_bn_conv",
      widths: [2, 2, 2, 2, 2, 2, 2, 2],
      classes: 10,
      input: { channels: 3, height: 32, width: 32 },
      sequence: "tnn_bin",
      quantization: {
        weights: { kind: "float" },
        activations: { kind: "binary", values: "sign", straightThrough: "saturate" },
      },
    });
    const net = buildNet(spec, { seed: 1, gammaStart: "ones" });
    const gammas = gammasOf(net);
    gammas.forEach((gamma, at) => {
      replaceValue(gamma, tf.fill(gamma.value.shape, at));
    });
    expect(gammas).toHaveLength(7);
    // 14 values 0, 0, 1, 1, … 6, 6: indices 4, 7 and 9.
    expect(gammaPercentiles(net)).toEqual({ "30": 2, "50": 3, "70": 4 });
    net.dispose();
  });
});

describe("the sparsity of channel groups", () => {
  /** Float32 roots and quotients. */
  const DIGITS = 5;

  const gammaOf = (name: string, values: readonly number[]) => {
    const gamma = parameter(name, "gamma", tf.tensor1d([...values]));
    gamma.gradient = tf.zeros([values.length]);
    return gamma;
  };
  const gradientOf = ({ gradient }: ReturnType<typeof gammaOf>): number[] =>
    gradient ? [...gradient.dataSync()] : [];

  test("points along the gammas of each group, by the root of their number", () => {
    const [one, other] = [gammaOf("a.weight", [3, 0, 2]), gammaOf("b.weight", [-4, 0, 5])];
    const groups = new Map([
      ["a.weight", Int32Array.of(0, 1, 2)],
      ["b.weight", Int32Array.of(0, 1, 3)],
    ]);
    const { numTensors } = tf.memory();
    addGroupSparsityGradient([one, other], 0.5, groups);
    expect(tf.memory().numTensors).toBe(numTensors);
    const root = Math.SQRT2 / 2;
    const wanted = [
      [0.6 * root, 0, 0.5],
      [-0.8 * root, 0, 0.5],
    ];
    for (const [at, gradient] of [one, other].map(gradientOf).entries())
      for (const [index, value] of gradient.entries())
        expect(value).toBeCloseTo(wanted[at]?.[index] ?? Number.NaN, DIGITS);
    tf.dispose([one.value, one.gradient, other.value, other.gradient] as tf.Tensor[]);
  });

  test("is the derivative of its penalty", () => {
    const values = [0.7, -1.2, 0.4, 2.5];
    const groups = Int32Array.of(0, 1, 0, 0);
    const penalty = (gammas: readonly number[]): number =>
      [0, 1].reduce((sum, group) => {
        const own = gammas.filter((_, index) => groups[index] === group);
        return sum + 0.1 * Math.sqrt(own.length) * Math.hypot(...own);
      }, 0);
    const gamma = gammaOf("a.weight", values);
    addGroupSparsityGradient([gamma], 0.1, new Map([["a.weight", groups]]));
    for (const [at, slope] of gradientOf(gamma).entries()) {
      const moved = (by: number) =>
        values.map((value, index) => (index === at ? value + by : value));
      expect(slope).toBeCloseTo((penalty(moved(1e-4)) - penalty(moved(-1e-4))) / 2e-4, DIGITS);
    }
    tf.dispose([gamma.value, gamma.gradient] as tf.Tensor[]);
  });

  test("is the one of single gammas where every group has one", () => {
    const values = [2, -0.5, 0, 3];
    const [alone, grouped] = [gammaOf("a.weight", values), gammaOf("a.weight", values)];
    addSparsityGradient([alone], 0.25);
    addGroupSparsityGradient([grouped], 0.25, new Map([["a.weight", Int32Array.of(0, 1, 2, 3)]]));
    for (const [at, value] of gradientOf(grouped).entries())
      expect(value).toBeCloseTo(gradientOf(alone)[at] ?? Number.NaN, DIGITS);
    tf.dispose([alone.value, alone.gradient, grouped.value, grouped.gradient] as tf.Tensor[]);
  });
});
