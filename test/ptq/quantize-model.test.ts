import { beforeAll, describe, expect, test } from "vitest";
import { runningNet } from "../../src/checkpoint/running-net.js";
import { modelState } from "../../src/checkpoint/tensors/model-state.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { checkGraph } from "../../src/graph/check-graph.js";
import type { Graph } from "../../src/graph/graph.js";
import { createGraphBuilder } from "../../src/graph/graph-builder.js";
import type { Model } from "../../src/graph/model.js";
import { FULL_PRECISION } from "../../src/graph/quantizers.js";
import { graphArchitectures } from "../../src/models/architectures/graph-architectures.js";
import { specOfGraph } from "../../src/models/net-spec.js";
import { placeAffineQuantizers, sharedGrids } from "../../src/passes/place-affine-quantizers.js";
import { type QuantizeModelOptions, quantizeModel } from "../../src/ptq/quantize-model.js";
import { type Tensor4D, tf } from "../../src/tensor/tf.js";
import { randomModel } from "../graph/random-model.js";
import { randomTensor } from "../random-tensor.js";
import { SETTINGS } from "./settings.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const residual = (): Graph => {
  const g = createGraphBuilder({ height: 8, width: 8, channels: 3 });
  const conv = { filters: 12, kernel: 3, padding: 1 };
  const stem = g.relu(g.batchNorm("bn1", g.conv("stem", g.images, conv)));
  const one = g.relu(g.batchNorm("bn2", g.conv("one", stem, conv)));
  const two = g.batchNorm("bn3", g.conv("two", one, conv));
  const sum = g.relu(g.add(two, stem));
  return g.finish(g.dense("classes", g.globalPool(sum), { features: 10, hasBias: true }));
};

const run = (model: Model, observed?: ReadonlySet<string>) => {
  const { graph } = model;
  const spec = specOfGraph({ arch: "test", graph, quantization: FULL_PRECISION, form: "merged" });
  const file = { path: "test", state: modelState(model), manifest: undefined };
  return runningNet(spec, file, observed && { observed });
};

const graph = residual();
const images = () => randomTensor([32, 8, 8, 3], 4, 1) as Tensor4D;

const quantized = async (options: Partial<QuantizeModelOptions>) =>
  quantizeModel(
    randomModel(graph, 6),
    { ...SETTINGS, ...options },
    {
      run,
      batches: async function* () {
        yield images();
      },
    },
  );

/** Signal to noise of the logits in decibels, compared with the same folded net in floats. */
const quality = async (options: Partial<QuantizeModelOptions>): Promise<number> => {
  const { layers } = await quantized(options);
  return layers.at(-1)?.decibels ?? Number.NaN;
};

const bits = (weights: number, activations: number) => ({
  bitsOf: () => ({ weights, activations }),
});

describe("a net quantized after training", () => {
  test("keeps 30 decibels with 8 bits, and has more noise with every bit less", async () => {
    const [eight, six, four] = [
      await quality(bits(8, 8)),
      await quality(bits(6, 8)),
      await quality(bits(4, 8)),
    ];
    expect(eight).toBeGreaterThan(30);
    // With 8 bits, activations have more of the noise than weights.
    expect(eight - six).toBeGreaterThan(2);
    expect(six - four).toBeGreaterThan(6);
  });

  test("is better with AdaRound than with nearest rounding, and with corrected biases", async () => {
    const nearest = await quality({ ...bits(3, 8), clipsWeights: true });
    const corrected = await quality({ ...bits(3, 8), clipsWeights: true, correctsBias: true });
    const adaptive = await quality({
      ...bits(3, 8),
      clipsWeights: true,
      correctsBias: true,
      roundingSteps: 400,
    });
    expect(corrected).toBeGreaterThan(nearest);
    expect(adaptive).toBeGreaterThan(corrected + 1);
  });

  test("is better with a scale per filter than with one per layer", async () => {
    const perTensor = { ...bits(4, 8), weights: { isPerChannel: false, isSymmetric: true } };
    expect(await quality(bits(4, 8))).toBeGreaterThan(await quality(perTensor));
  });

  test("keeps the layers with the least signal to noise in floats", async () => {
    const all = await quantized(bits(4, 8));
    const worst = [...all.layers].sort((a, b) => a.ownDecibels - b.ownDecibels)[0]?.name;
    const some = await quantized({ ...bits(4, 8), worstInFloat: 1 });
    const inFloat = some.layers.filter(({ weightBits }) => weightBits === 32);
    expect(inFloat.map(({ name, inputBits }) => [name, inputBits])).toEqual([[worst, 32]]);
    expect(some.layers.at(-1)?.decibels).toBeGreaterThan(all.layers.at(-1)?.decibels ?? 0);
  });

  test("reports values that are always 0, and leaks no tensors", async () => {
    const g = createGraphBuilder({ height: 4, width: 4, channels: 3 });
    const dead = g.conv("dead", g.images, { filters: 2, kernel: 1, hasBias: true });
    const silent = g.finish(g.dense("classes", g.flatten(g.relu(dead)), { features: 2 }));
    const model = randomModel(silent, 1);
    const weights = new Map(model.weights);
    weights.set("dead.bias", { kind: "float", shape: [2], values: Float32Array.of(-1e3, -1e3) });
    const before = tf.memory().numTensors;
    const { silent: names } = await quantizeModel({ ...model, weights }, SETTINGS, {
      run,
      batches: async function* () {
        yield randomTensor([4, 4, 4, 3], 1, 1) as Tensor4D;
      },
    });
    expect(names).toHaveLength(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("refuses weights that are not finite, and names the value", async () => {
    const model = randomModel(graph, 6);
    const weights = new Map(model.weights);
    const own = weights.get("one.weight");
    if (own?.kind !== "float") throw new Error("none");
    weights.set("one.weight", { ...own, values: own.values.map(() => Number.NaN) });
    const tools = {
      run,
      batches: async function* () {
        yield images();
      },
    };
    await expect(quantizeModel({ ...model, weights }, SETTINGS, tools)).rejects.toThrow(
      "is not finite for some calibration image",
    );
  });

  test("refuses to go without images", async () => {
    const tools = { run, batches: async function* () {} };
    await expect(quantizeModel(randomModel(graph, 6), SETTINGS, tools)).rejects.toThrow(
      "There are no calibration images.",
    );
  });
});

test("quantizers follow norms and ReLUs, and additions and their ReLU; logits have none", () => {
  const placed = placeAffineQuantizers(graph, { input: () => 8, joins: 8 }, () => ({
    kind: "affine",
    bits: 8,
    isSymmetric: false,
    range: { kind: "moving-average" },
  }));
  checkGraph(placed, "placed");
  const before = placed.nodes.flatMap((node) => (node.kind === "quantize" ? [node.inputs[0]] : []));
  const kinds = before.map(
    (value) => placed.nodes.find(({ name }) => name === value)?.kind ?? "images",
  );
  expect(kinds.sort()).toEqual([
    "activation",
    "activation",
    "activation",
    "batchNorm",
    "globalPool",
    "images",
  ]);
});

test.each([
  "mobilenet_v2",
  "densenet40",
  "shufflenet_v2_x0_5",
  "squeezenet1_1",
  "resnet18",
] as const)("the values that a concatenation joins share a grid: %s", (arch) => {
  const side = arch === "densenet40" ? 32 : 64;
  const float = graphArchitectures[arch].build({
    classes: 10,
    image: { height: side, width: side, channels: 3 },
  });
  const placed = placeAffineQuantizers(float, { input: () => 8, joins: 8 }, () => ({
    kind: "affine",
    bits: 8,
    isSymmetric: false,
    range: { kind: "moving-average" },
  }));
  checkGraph(placed, arch);
  const joined = sharedGrids(placed).filter((group) => group.length > 1);
  const hasConcats = float.nodes.some(({ kind }) => kind === "concat");
  expect(joined.length > 0).toBe(hasConcats);
});
