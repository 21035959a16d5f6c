import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import type { Graph } from "../../../src/graph/graph.js";
import { createGraphBuilder } from "../../../src/graph/graph-builder.js";
import type { ActivationQuantization } from "../../../src/graph/quantizers.js";
import { runGraph } from "../../../src/models/executor/run-graph.js";
import { planSteps } from "../../../src/models/executor/steps.js";
import { type Tensor2D, type Tensor4D, tf } from "../../../src/tensor/tf.js";
import { randomTensor } from "../../random-tensor.js";
import { relativeDifference } from "../../reference/compare.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const QUANTIZERS = {
  quantizer: { kind: "dorefa", bits: 4, scale: 0.1 },
  "trained quantizer": { kind: "dorefa", bits: 4, scale: 0.1, learned: "lsq" },
} as const satisfies Record<string, ActivationQuantization>;
type Tail = "nothing" | "relu" | keyof typeof QUANTIZERS;

/**
 * Two residual blocks: one with a convolution and a norm in its shortcut, one that adds its input.
 * @param tail what follows the additions
 */
const graph = (tail: Tail): Graph => {
  const g = createGraphBuilder({ height: 8, width: 8, channels: 3 });
  const conv = { filters: 8, kernel: 3, padding: 1 };
  const finished = (b: typeof g, sum: string): string => {
    if (tail === "nothing") return sum;
    const relu = b.activation(sum, { function: "relu" });
    return tail === "relu" ? relu : b.quantize(relu, { quantizer: QUANTIZERS[tail] });
  };
  const block = (name: string, x: string, hasNormedShortcut: boolean): string => {
    const b = g.within(name);
    const y = b.batchNorm("bn", b.conv("conv", x, conv));
    const shortcut = hasNormedShortcut
      ? b.batchNorm("bn2", b.conv("conv2", x, { filters: 8, kernel: 1 }))
      : x;
    return finished(b, b.add(y, shortcut));
  };
  const second = block("b2", block("b1", g.images, true), false);
  return g.finish(g.dense("fc", g.globalPool(second), { features: 5 }));
};

const INITIAL = { seed: 3, gammaStart: "ones", kernelStart: "published" } as const;

test("the later of two norms takes an addition, and only if it may", () => {
  const net = graph("relu");
  const isAddFused = () => true;
  const norms = planSteps(net, { isAddFused }).flatMap((step) =>
    step.kind === "norm" ? [[step.node.name, ...step.inputs.slice(1)]] : [],
  );
  expect(norms).toEqual([["b1.bn"], ["b1.bn2", "b1.bn"], ["b2.bn", "b1/relu1"]]);
  const addSteps = (steps: ReturnType<typeof planSteps>) =>
    steps.filter(({ node }) => node.kind === "add").length;
  expect(addSteps(planSteps(net))).toBe(2);
  expect(addSteps(planSteps(net, { isAddFused, watched: ["b2.bn"] }))).toBe(1);
});

/** Everything that a net computes: outputs, gradients by name, and its state after a recalibration. */
const valuesOf = (net: ReturnType<typeof runGraph>): ReadonlyMap<string, readonly number[]> => {
  const x = randomTensor([6, 8, 8, 3], 1) as Tensor4D;
  const dy = randomTensor([6, 5], 2) as Tensor2D;
  const { logits, backward } = net.train(x);
  backward(dy);
  const gradients = net.parameters.map(({ name, gradient }) => [`d ${name}`, gradient] as const);
  net.recalibrate(x, 0.5);
  const inferred = net.infer(x);
  const state = net.state.map(({ name, value }) => [name, value] as const);
  const all = [["logits", logits], ["inferred", inferred], ...gradients, ...state] as const;
  const numbers = all.map(
    ([name, values]) => [name, [...(values as tf.Tensor).dataSync()]] as const,
  );
  for (const parameter of net.parameters) {
    parameter.gradient?.dispose();
    parameter.gradient = null;
  }
  tf.dispose([x, dy, logits, inferred]);
  return new Map(numbers);
};

describe.each(["nothing", "relu", "quantizer", "trained quantizer"] as const)(
  "additions with a %s after them",
  (tail) => {
    test("compute in one pass with their norms what they compute in passes of their own", () => {
      const net = graph(tail);
      const fused = runGraph(net, INITIAL);
      // An observed value is not computed within a pass.
      const apart = runGraph(net, INITIAL, {
        observed: net.nodes.filter(({ kind }) => kind === "batchNorm").map(({ name }) => name),
      });
      const before = tf.memory().numTensors;
      const [values, expected] = [valuesOf(fused), valuesOf(apart)];
      expect(tf.memory().numTensors).toBe(before);
      expect([...values.keys()]).toEqual([...expected.keys()]);
      for (const [name, numbers] of values) {
        const others = expected.get(name) as readonly number[];
        // The gradient of a trained range sums over channels first when the norm is in the same pass.
        if (name.startsWith("d ") && name.endsWith("step"))
          expect(relativeDifference(numbers, others)).toBeLessThan(1e-4);
        else expect(numbers, name).toEqual(others);
      }
      fused.dispose();
      apart.dispose();
    });
  },
);
