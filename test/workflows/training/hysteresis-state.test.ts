import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyCheckpoint } from "../../../src/checkpoint/apply-checkpoint.js";
import { loadCheckpoint, saveCheckpoint } from "../../../src/checkpoint/checkpoint.js";
import { CIFAR } from "../../../src/data/cifar/cifar.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import type { Graph } from "../../../src/graph/graph.js";
import type { Quantization, WeightQuantization } from "../../../src/graph/quantizers.js";
import { graphArchitectures } from "../../../src/models/architectures/graph-architectures.js";
import { buildNet } from "../../../src/models/build-net.js";
import type { TrainedParts } from "../../../src/models/executor/node-tensors.js";
import type { Net } from "../../../src/models/net.js";
import { specOfGraph } from "../../../src/models/net-spec.js";
import { headNames, withClasses } from "../../../src/models/replace-head.js";
import { DEFAULT_PLACEMENT, type PlacementRules } from "../../../src/passes/layer-precisions.js";
import { quantizeGraph } from "../../../src/passes/quantize-graph.js";
import { createAdam } from "../../../src/train/optimizers/adam.js";
import { trainingStep } from "../../../src/train/training-step.js";
import { trainedParts } from "../../../src/workflows/training/trained-parts.js";
import { withOwnHead } from "../../../src/workflows/training/with-own-head.js";
import { randomTensor } from "../../random-tensor.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-hysteresis-"));
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CLASSES = 4;
const IMAGE = { height: 16, width: 16, channels: 3 };
const TERNARY: WeightQuantization = { kind: "ternary", hasAlpha: true, gapRatio: 0.1 };
const QUANTIZATION: Quantization = {
  weights: TERNARY,
  activations: { kind: "binary", values: "sign", straightThrough: "saturate" },
};

const float = graphArchitectures.resnet20.build({ classes: CLASSES, image: IMAGE, width: 0.25 });
const ternary = (rules: Partial<PlacementRules> = {}): Graph =>
  quantizeGraph(float, QUANTIZATION, { ...DEFAULT_PLACEMENT, ...rules });

/** A graph whose head has ternary weights, too. */
const withTernaryHead = (graph: Graph): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) =>
    headNames(graph).has(node.name) ? { ...node, quantizer: TERNARY } : node,
  ) as Graph["nodes"],
});

const build = (graph: Graph, parts: TrainedParts = {}, seed = 1): Net =>
  buildNet(
    specOfGraph({ arch: "resnet20", graph, quantization: QUANTIZATION, form: "trainable" }),
    { seed, gammaStart: "ones", kernelStart: "published" },
    parts,
  );

const trainSteps = (net: Net, steps: number): void => {
  const adam = createAdam(net.parameters);
  const images = randomTensor([2, IMAGE.height, IMAGE.width, IMAGE.channels], 3);
  const batch = {
    images: images.dataSync() as Float32Array,
    labels: Int32Array.of(1, 2),
    count: 2,
  };
  images.dispose();
  for (let step = 0; step < steps; step++)
    trainingStep(net, adam, batch, { learningRate: 0.01, weightDecay: 0 });
  adam.dispose();
};

const logitsOf = (net: Net): number[] => {
  const images = randomTensor([2, IMAGE.height, IMAGE.width, IMAGE.channels], 9);
  const logits = net.infer(images as never);
  const values = [...logits.dataSync()];
  images.dispose();
  logits.dispose();
  return values;
};

const save = async (net: Net, name: string) => {
  const path = join(folder, `${name}.safetensors`);
  await saveCheckpoint(path, net, {
    spec: net.spec,
    dataSet: { ...CIFAR.cifar10.info, classNames: ["a", "b", "c", "d"] },
    epoch: 1,
    isFinished: true,
    version: "0",
  });
  return loadCheckpoint(path);
};

/** A file of a net that was trained for some steps, with the hysteresis state of its layers. */
const trainedFile = async (graph: Graph, name: string) => {
  const net = build(graph);
  trainSteps(net, 3);
  const file = await save(net, name);
  const codes = codesOf(net);
  net.dispose();
  return { file, codes };
};

const codesOf = ({ codes }: Net): Map<string, number[] | null> =>
  new Map(codes.map(({ name, codes: values }) => [name, values && [...values.dataSync()]]));

test("a refined net continues the hysteresis state of its file", async () => {
  const { file, codes } = await trainedFile(ternary(), "kept");
  const net = build(ternary(), {}, 2);
  applyCheckpoint(net, withOwnHead(file, net));
  expect(codesOf(net)).toEqual(codes);
  expect([...codes.values()].every(Boolean)).toBe(true);
  net.dispose();
});

test("a head for other classes starts without hysteresis state, and can be trained and saved", async () => {
  const graph = withTernaryHead(ternary());
  const head = `${[...headNames(graph)][0]}.weight`;
  const { file, codes } = await trainedFile(graph, "head");
  expect(codes.get(head)).toHaveLength(16 * CLASSES);
  const net = build(withClasses(graph, CLASSES + 3), {}, 2);
  const own = [...(net.state.find(({ name }) => name === head)?.value.dataSync() ?? [])];
  applyCheckpoint(net, withOwnHead(file, net));
  expect(codesOf(net)).toEqual(new Map([...codes, [head, null]]));
  expect([...(net.state.find(({ name }) => name === head)?.value.dataSync() ?? [])]).toEqual(own);
  trainSteps(net, 2);
  expect(codesOf(net).get(head)).toHaveLength(16 * (CLASSES + 3));
  net.dispose();
});

test("layers that get other bits than in the file start without hysteresis state", async () => {
  const layers = [{ pattern: "layer1.0.*", bits: { weights: 8, activations: 8 } }];
  const { file, codes } = await trainedFile(ternary({ layers }), "bits");
  const net = build(ternary(), {}, 2);
  applyCheckpoint(net, file);
  const now = codesOf(net);
  expect(now.size).toBe(codes.size + 2);
  for (const [name, values] of now) expect(values).toEqual(codes.get(name) ?? null);
  trainSteps(net, 1);
  net.dispose();
});

test("frozen ternary layers keep their weights, and their file gives the same logits", async () => {
  const graph = ternary();
  const parts = trainedParts(graph, { freeze_until: "layer2", lr_head: undefined });
  const net = build(graph, parts);
  const weights = () => [
    ...(net.state.find(({ name }) => name.startsWith("layer1.0.conv1"))?.value.dataSync() ?? []),
  ];
  const before = weights();
  trainSteps(net, 2);
  expect(weights()).toEqual(before);
  const file = await save(net, "frozen");
  const again = build(graph, parts, 2);
  applyCheckpoint(again, file);
  expect(logitsOf(again)).toEqual(logitsOf(net));
  net.dispose();
  again.dispose();
});

test("a file without the hysteresis state of its own layers is refused", async () => {
  const { file } = await trainedFile(ternary(), "missing");
  const net = build(ternary(), {}, 2);
  const { ternaryCodes: _, ...manifest } = file.manifest as NonNullable<typeof file.manifest>;
  expect(() => applyCheckpoint(net, { ...file, manifest })).toThrow(
    expect.objectContaining({ code: "hysteresis-state-missing" }),
  );
  net.dispose();
});
