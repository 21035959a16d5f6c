import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import type { Graph, Node } from "../../../src/graph/graph.js";
import type { LearnedRangeRule } from "../../../src/graph/quantizers.js";
import { evenly, ONE } from "../../../src/graph/window.js";
import { runGraph } from "../../../src/models/executor/run-graph.js";
import { replaceValue } from "../../../src/models/parameter.js";
import { type Tensor2D, type Tensor4D, tf } from "../../../src/tensor/tf.js";

interface Case {
  readonly name: string;
  readonly rule: LearnedRangeRule;
  readonly bits: number;
  readonly isNormed: boolean;
  readonly x: number[];
  readonly y: number[];
  readonly target: number[];
  readonly gamma: number[];
  readonly beta: number[];
  readonly weight: number[];
  readonly weightStep: number;
  readonly number: number;
  readonly gradients: {
    readonly weight: number[];
    readonly weightStep: number;
    readonly number: number;
    readonly gamma?: number[];
    readonly beta?: number[];
  };
}

/** Written by bench/torch/learned_ranges.py: autograd functions with the formulas of the papers, on stored images [3, 5, 6, 4]. */
const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL("pytorch-ranges.json", import.meta.url), "utf8"),
);

const norm = (name: string, input: string, hasAffine: boolean, epsilon: number): Node => ({
  ...{ name, kind: "batchNorm", inputs: [input], hasAffine, epsilon },
  ...{ newStatWeight: 0.1, isGammaFixed: false, minGamma: null },
});

/** The norm, ReLU, quantizer, convolution and norm of a case. */
const graphOf = ({ rule, bits, isNormed }: Pick<Case, "rule" | "bits" | "isNormed">): Graph => ({
  inputs: [{ name: "images", shape: [5, 6, 4] }],
  nodes: [
    ...(isNormed ? [norm("bn1", "images", true, 1e-5)] : []),
    {
      ...{ name: "relu", kind: "activation", function: "relu" },
      inputs: [isNormed ? "bn1" : "images"],
    },
    {
      ...{ name: "quantize1", kind: "quantize", inputs: ["relu"] },
      quantizer: { kind: "dorefa", bits, scale: 0.1, learned: rule },
    },
    {
      ...{ name: "conv", kind: "conv", inputs: ["quantize1"], filters: 5, kernel: [3, 3] },
      ...{ stride: ONE, padding: evenly(1), dilation: ONE, groups: 1, hasBias: false },
      quantizer: { kind: "dorefa", bits, isLearned: true },
      stored: "latent",
    },
    norm("bn2", "conv", false, 1e-30),
    { name: "flat", kind: "flatten", inputs: ["bn2"] },
  ],
  outputs: [{ name: "logits", value: "flat" }],
});

const initial = { seed: 1, gammaStart: "ones" } as const;
const numberName = (rule: LearnedRangeRule) => `quantize1.${rule === "lsq" ? "step" : "clip"}`;

const runCase = (each: Case) => {
  const net = runGraph(graphOf(each), initial);
  const given: Record<string, number[]> = {
    "bn1.weight": each.gamma,
    "bn1.bias": each.beta,
    "conv.weight": each.weight,
    "conv.weight_step": [each.weightStep],
    [numberName(each.rule)]: [each.number],
  };
  for (const state of net.state) {
    const values = given[state.name];
    if (values) replaceValue(state, tf.tensor(values, state.value.shape));
  }
  const x = tf.tensor4d(each.x, [3, 5, 6, 4]) as Tensor4D;
  const { logits, backward } = net.train(x);
  backward(tf.tensor2d(each.target, [3, 150]) as Tensor2D);
  const gradientOf = (name: string): number[] => [
    ...(net.parameters.find((parameter) => parameter.name === name)?.gradient?.dataSync() ?? []),
  ];
  return { net, y: [...logits.dataSync()], gradientOf };
};

/** Sums of some hundred float32 products, in another order. */
const expectNear = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  for (const [index, value] of expected.entries())
    expect(Math.abs((actual[index] as number) - value)).toBeLessThan(
      2e-4 * Math.max(largest, 1e-2),
    );
};

describe.each(["native", "js"] as const)("on the %s engine", (engine) => {
  beforeAll(() => loadEngine({ engine, notify: () => {} }));

  test.each(cases.map((each) => [each.name, each] as const))(
    "%s computes the outputs and gradients of PyTorch's autograd",
    (_, each) => {
      const { net, y, gradientOf } = runCase(each);
      expectNear(y, each.y);
      const { weight, weightStep, number, gamma, beta } = each.gradients;
      expectNear(gradientOf("conv.weight"), weight);
      expectNear(gradientOf("conv.weight_step"), [weightStep]);
      expectNear(gradientOf(numberName(each.rule)), [number]);
      if (gamma && beta) {
        expectNear(gradientOf("bn1.weight"), gamma);
        expectNear(gradientOf("bn1.bias"), beta);
      }
      net.dispose();
    },
  );

  test("the first batch chooses the ranges: 2 mean|v| / sqrt(levels) for LSQ, 8 for PACT", () => {
    for (const [rule, bits] of [
      ["lsq", 2],
      ["pact", 4],
    ] as const) {
      const net = runGraph(graphOf({ rule, bits, isNormed: false }), initial);
      const x = tf.tensor4d(
        Array.from({ length: 120 }, (_, i) => (i % 7) - 3),
        [1, 5, 6, 4],
      );
      net.infer(x as Tensor4D).dispose();
      const numberOf = (name: string) =>
        net.state.find((state) => state.name === name)?.value.dataSync()[0];
      const mean = tf.mean(tf.relu(x)).dataSync()[0] as number;
      const expected = rule === "lsq" ? (2 * mean) / Math.sqrt(3) : 8;
      expect(numberOf(numberName(rule))).toBeCloseTo(expected, 5);
      const weights = net.state.find(({ name }) => name === "conv.weight")?.value as tf.Tensor;
      const magnitude = tf.mean(tf.abs(weights)).dataSync()[0] as number;
      const levels = 2 ** bits - 1;
      expect(numberOf("conv.weight_step")).toBeCloseTo((2 * magnitude) / Math.sqrt(levels / 2), 5);
      net.dispose();
    }
  });

  test("a training step of learned ranges leaves no tensors behind", () => {
    const each = cases[0] as Case;
    const { net } = runCase(each);
    const x = tf.tensor4d(each.x, [3, 5, 6, 4]) as Tensor4D;
    const step = () => {
      const { logits, backward } = net.train(x);
      backward(logits);
      logits.dispose();
      for (const parameter of net.parameters) {
        parameter.gradient?.dispose();
        parameter.gradient = null;
      }
    };
    step();
    const before = tf.memory().numTensors;
    step();
    expect(tf.memory().numTensors).toBe(before);
    net.dispose();
  });
});
