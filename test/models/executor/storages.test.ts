import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import type { Graph } from "../../../src/graph/graph.js";
import { createGraphBuilder } from "../../../src/graph/graph-builder.js";
import type { ActivationQuantization } from "../../../src/graph/quantizers.js";
import { runGraph } from "../../../src/models/executor/run-graph.js";
import { planSteps } from "../../../src/models/executor/steps.js";
import { storagesOf } from "../../../src/models/executor/storages.js";
import { type Tensor2D, type Tensor4D, tf } from "../../../src/tensor/tf.js";
import { randomTensor } from "../../random-tensor.js";
import { relativeDifference } from "../../reference/compare.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const FLOAT = { kind: "float" } as const;
const DOREFA = { kind: "dorefa", bits: 4, scale: 0.1 } as const;
const LEARNED = { ...DOREFA, learned: "lsq" } as const;
const BINARY = {
  kind: "binary",
  values: "sign",
  straightThrough: "saturate",
} as const satisfies ActivationQuantization;

/** A stem, a residual block with a pool after it, a depthwise convolution, and a classifier. */
const graph = (activations: ActivationQuantization): Graph => {
  const g = createGraphBuilder({ height: 8, width: 8, channels: 3 });
  const isQuantized = activations.kind !== "float";
  const weights = isQuantized ? { quantizer: { kind: "dorefa", bits: 4 } as const } : {};
  const quantized = (b: typeof g, x: string): string =>
    isQuantized ? b.quantize(x, { quantizer: activations }) : x;
  const conv = { filters: 16, kernel: 3, padding: 1, ...weights };
  const stem = g.batchNorm(
    "stem.bn",
    g.conv("stem", g.images, { filters: 16, kernel: 3, padding: 1 }),
  );
  const x = g.activation(stem, { function: "relu" });
  const b = g.within("b");
  const first = b.batchNorm("bn1", b.conv("conv1", quantized(b, x), conv));
  const inner = quantized(b, b.activation(first, { function: "relu" }));
  const sum = b.add(b.batchNorm("bn2", b.conv("conv2", inner, conv)), x);
  const pooled = g.maxPool(g.activation(sum, { function: "relu" }), { kernel: 2, stride: 2 });
  const depthwise = { filters: 16, kernel: 3, padding: 1, groups: 16 };
  const last = g.batchNorm("last.bn", g.conv("last", pooled, depthwise));
  return g.finish(g.dense("fc", g.globalPool(last), { features: 5 }));
};

const storages = (net: Graph, watched: readonly string[] = []): Record<string, string> => {
  const steps = planSteps(net, { watched, isAddFused: () => true });
  const floats = new Set(watched);
  const map = storagesOf(net, steps, { precision: "bf16", floats, isSynced: false });
  return Object.fromEntries([...map].map(([value, { kind }]) => [value, kind]));
};

test("maps of a float net are in bfloat16 but where something else reads them", () => {
  const all = storages(graph(FLOAT));
  expect(all.stem).toBe("bf16");
  expect(all.relu1).toBe("bf16");
  expect(all["b.conv2"]).toBe("bf16");
  expect(all.last).toBe("bf16");
  // The mean over all positions and the classifier take floats.
  expect(all["last.bn"]).toBe("float32");
  expect(all.fc).toBe("float32");
});

test("watched values are floats, and so is everything in float32", () => {
  expect(storages(graph(FLOAT), ["relu1"]).relu1).toBeUndefined();
  const steps = planSteps(graph(FLOAT));
  const options = { precision: "float32", floats: new Set<string>(), isSynced: false } as const;
  expect(storagesOf(graph(FLOAT), steps, options).size).toBe(0);
});

test("norms over several workers read and give floats", () => {
  const net = graph(FLOAT);
  const options = { precision: "bf16", floats: new Set<string>(), isSynced: true } as const;
  const map = storagesOf(net, planSteps(net), options);
  expect(map.get("stem")?.kind).toBe("float32");
  expect(map.get("relu1")?.kind).toBe("float32");
});

test.each([DOREFA, LEARNED, BINARY])(
  "inputs of convolutions with $kind inputs are codes",
  (quantizer) => {
    const net = graph(quantizer);
    const all = storages(net);
    const inputs = net.nodes.flatMap((node) => (node.kind === "quantize" ? [all[node.name]] : []));
    expect(inputs).toEqual(["codes", "codes"]);
    expect(all["b.conv1"]).toBe("bf16");
  },
);

const INITIAL = { seed: 3, gammaStart: "ones", kernelStart: "published" } as const;

const stepIn = (net: Graph, precision: "float32" | "bf16") => {
  const before = tf.memory().numTensors;
  const running = runGraph(net, INITIAL, { precision, watched: ["relu1"] });
  const images = randomTensor([6, 8, 8, 3], 1) as Tensor4D;
  const dLogits = randomTensor([6, 5], 2) as Tensor2D;
  const { logits, watched, backward } = running.train(images);
  backward(
    dLogits,
    watched.map((value) => tf.zerosLike(value)),
  );
  const gradients = running.parameters.map(({ gradient }) => [
    ...(gradient as tf.Tensor).dataSync(),
  ]);
  const trained = logits.dataSync();
  tf.dispose([logits, dLogits, ...watched]);
  const inferred = running.infer(images);
  const result = { trained, gradients, inferred: inferred.dataSync() };
  tf.dispose([inferred, images]);
  running.dispose();
  return { ...result, left: tf.memory().numTensors - before };
};

describe.each([FLOAT, DOREFA, LEARNED, BINARY])("a net with $kind activations", (quantizer) => {
  test("has about the logits and gradients of float32, and leaves no tensor", () => {
    const [exact, stored] = [stepIn(graph(quantizer), "float32"), stepIn(graph(quantizer), "bf16")];
    expect(stored.left).toBe(exact.left);
    const isQuantized = quantizer.kind !== "float";
    // A code may be the next one where its input is rounded.
    expect(relativeDifference(stored.trained, exact.trained)).toBeLessThan(
      isQuantized ? 0.2 : 0.02,
    );
    const flat = (gradients: number[][]): Float32Array => Float32Array.from(gradients.flat());
    const difference = relativeDifference(flat(stored.gradients), flat(exact.gradients));
    expect(difference).toBeLessThan(isQuantized ? 0.3 : 0.05);
  });
});

/** Quantized convolutions with a max pool and an average pool between them. */
const pools = (): Graph => {
  const g = createGraphBuilder({ height: 12, width: 12, channels: 3 });
  const weights = { quantizer: { kind: "dorefa", bits: 4 } as const };
  const block = (name: string, x: string, filters: number): string => {
    const y = g.batchNorm(
      `${name}.bn`,
      g.conv(name, x, { filters, kernel: 3, padding: 1, ...weights }),
    );
    return g.quantize(g.activation(y, { function: "relu" }), { quantizer: DOREFA });
  };
  const first = g.maxPool(block("a", g.images, 16), { kernel: 3, stride: 2, padding: 1 });
  const second = g.maxPool(block("b", first, 18), { kernel: 2, stride: 2 });
  const third = g.averagePool(block("c", second, 16), { kernel: 3, stride: 1, padding: 1 });
  const last = g.batchNorm("d.bn", g.conv("d", third, { filters: 8, kernel: 1, ...weights }));
  return g.finish(g.dense("fc", g.globalPool(last), { features: 5 }));
};

test("codes go through max pools, but not through average pools", () => {
  const all = storages(pools());
  const kindsOf = (kind: string): (string | undefined)[] =>
    pools().nodes.flatMap((node) => (node.kind === kind ? [all[node.name]] : []));
  expect(kindsOf("maxPool")).toEqual(["codes", "codes"]);
  expect(kindsOf("averagePool")).toEqual(["bf16"]);
  expect(kindsOf("quantize")).toEqual(["codes", "codes", "float32"]);
});

test.each(["float32", "bf16"] as const)(
  "in %s, convolutions and norms in one pass give the logits of step by step",
  (precision) => {
    for (const [net, side] of [
      [pools(), 12],
      ...[FLOAT, DOREFA, LEARNED, BINARY].map((quantizer) => [graph(quantizer), 8] as const),
    ] as const) {
      const running = runGraph(net, INITIAL, { precision });
      const images = randomTensor([3, side, side, 3], 1) as Tensor4D;
      running.recalibrate(images, 0.5);
      const steps = running.inferStepwise(images);
      let step = steps.next();
      while (!step.done) step = steps.next();
      expect(running.infer(images).dataSync()).toEqual(step.value.dataSync());
      running.dispose();
    }
  },
);

test("a convolution with several filters for each channel trains with floats", () => {
  const g = createGraphBuilder({ height: 6, width: 6, channels: 4 });
  const stem = g.batchNorm("bn", g.conv("stem", g.images, { filters: 8, kernel: 3, padding: 1 }));
  const wide = g.conv("wide", g.activation(stem, { function: "relu" }), {
    ...{ filters: 16, kernel: 3, padding: 1, groups: 8 },
  });
  const net = g.finish(g.dense("fc", g.globalPool(g.batchNorm("bn2", wide)), { features: 5 }));
  expect(storages(net).wide).toBe("float32");
  const running = runGraph(net, INITIAL, { precision: "bf16" });
  const { logits, backward } = running.train(randomTensor([2, 6, 6, 4], 1) as Tensor4D);
  backward(tf.onesLike(logits));
  expect(logits.shape).toEqual([2, 5]);
});

test("frozen steps give floats, which a depthwise convolution after them takes", () => {
  const net = graph(DOREFA);
  const frozen = new Set(net.nodes.map(({ name }) => name).filter((name) => name.startsWith("b.")));
  const running = runGraph(net, INITIAL, { precision: "bf16", frozen });
  const { logits, backward } = running.train(randomTensor([2, 8, 8, 3], 1) as Tensor4D);
  backward(tf.onesLike(logits));
  expect(logits.shape).toEqual([2, 5]);
});
