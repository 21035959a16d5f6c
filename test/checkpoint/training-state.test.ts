import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  applyTrainingState,
  readTrainingState,
  saveTrainingState,
  type TrainingState,
} from "../../src/checkpoint/training/training-state.js";
import { CIFAR } from "../../src/data/cifar/cifar.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import type { Graph } from "../../src/graph/graph.js";
import { FULL_PRECISION } from "../../src/graph/quantizers.js";
import { graphArchitectures } from "../../src/models/architectures/graph-architectures.js";
import { buildNet } from "../../src/models/build-net.js";
import { builtInSpec } from "../../src/models/chains/built-in-chain.js";
import { builtInNets } from "../../src/models/chains/built-in-chains.js";
import { scaledWidths } from "../../src/models/chains/descriptions/chain-from-description.js";
import type { Net } from "../../src/models/net.js";
import { graphOf, type NetSpec, specOfGraph } from "../../src/models/net-spec.js";
import { createAdam } from "../../src/train/optimizers/adam.js";
import type { Optimizer } from "../../src/train/optimizers/optimizer.js";
import { trainingStep } from "../../src/train/training-step.js";
import { randomTensor } from "../random-tensor.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-state-"));
beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const IMAGE = { height: 32, width: 32, channels: 3 };
const CLASSES = 4;
const BATCH = 4;

const chain = (arch: "nin_bn_conv"): NetSpec =>
  builtInSpec({
    arch,
    widths: scaledWidths(builtInNets[arch], 0.125),
    classes: CLASSES,
    input: IMAGE,
    sequence: "dorefa",
    quantization: FULL_PRECISION,
  });

const hasDropout = ({ nodes }: Graph): boolean => nodes.some(({ kind }) => kind === "dropout");

const specs = [
  chain("nin_bn_conv"),
  ...Object.entries(graphArchitectures).map(([arch, { build }]) =>
    specOfGraph({
      arch,
      graph: build({ classes: CLASSES, image: IMAGE, width: 0.0625 }),
      quantization: FULL_PRECISION,
      form: "trainable",
    }),
  ),
].filter((spec) => hasDropout(graphOf(spec)));

const cases = specs.flatMap((spec) => {
  const names = graphOf(spec).nodes.map(({ name }) => name);
  // All layers up to the first third, which contains the first norm.
  const frozen = new Set(names.slice(0, Math.ceil(names.length / 3)));
  return [
    [spec.arch, { spec, frozen: new Set<string>() }] as const,
    [`${spec.arch} with frozen layers`, { spec, frozen }] as const,
  ];
});

/** The losses of training steps on fixed images. */
const lossesOf = (net: Net, adam: Optimizer, steps: number): number[] => {
  const images = randomTensor([BATCH, IMAGE.height, IMAGE.width, IMAGE.channels], 1);
  const batch = {
    images: images.dataSync() as Float32Array,
    labels: Int32Array.from({ length: BATCH }, (_, at) => at % CLASSES),
    count: BATCH,
  };
  images.dispose();
  return Array.from({ length: steps }, () =>
    trainingStep(net, adam, batch, { learningRate: 0.01, weightDecay: 0 }),
  );
};

const weightsOf = ({ state }: Net): number[][] => state.map(({ value }) => [...value.dataSync()]);

const build = (spec: NetSpec, frozen: ReadonlySet<string>): Net =>
  buildNet(spec, { seed: 3, gammaStart: "ones", kernelStart: "published" }, { frozen });

/** Trains `before` steps, saves the state, and returns what `after` more steps give. */
const trainAndSave = async (net: Net, path: string, before: number, after: number) => {
  const adam = createAdam(net.parameters);
  lossesOf(net, adam, before);
  await saveTrainingState(path, {
    net,
    trainer: { optimizer: adam.state(), average: undefined },
    manifest: {
      spec: net.spec,
      dataSet: { ...CIFAR.cifar10.info, classNames: ["a", "b", "c", "d"] },
      epoch: 1,
      isFinished: false,
      version: "0",
    },
    record: {},
  });
  const losses = lossesOf(net, adam, after);
  adam.dispose();
  return { losses, weights: weightsOf(net) };
};

const resume = (net: Net, saved: TrainingState, steps: number) => {
  const adam = createAdam(net.parameters, applyTrainingState(net, saved).optimizer);
  const losses = lossesOf(net, adam, steps);
  adam.dispose();
  return { losses, weights: weightsOf(net) };
};

describe.each(cases)("%s", (name, { spec, frozen }) => {
  test("resumes with the draws of dropout that an uninterrupted run makes", async () => {
    const path = join(folder, `${name}.state.safetensors`);
    const net = build(spec, frozen);
    const whole = await trainAndSave(net, path, 2, 2);
    net.dispose();
    const saved = (await readTrainingState(path)) as TrainingState;
    const again = build(spec, frozen);
    const resumed = resume(again, saved, 2);
    again.dispose();
    expect(whole.losses.every(Number.isFinite)).toBe(true);
    expect(resumed).toEqual(whole);
  });
});

test("each pass has its own draws of dropout, in nets without norms and with frozen norms, too", () => {
  for (const [name, { spec, frozen }] of cases) {
    const net = build(spec, frozen);
    const images = randomTensor([BATCH, IMAGE.height, IMAGE.width, IMAGE.channels], 1);
    const passes = Array.from({ length: 2 }, () => {
      const { logits, backward } = net.train(images as never);
      backward(logits);
      const values = [...logits.dataSync()];
      logits.dispose();
      return values;
    });
    images.dispose();
    net.dispose();
    expect(passes[0], name).not.toEqual(passes[1]);
  }
});

test("a state without the number of passes continues with what norms or the optimizer counted", async () => {
  for (const spec of specs.filter(({ arch }) => /squeezenet|mobilenet|nin/.test(arch))) {
    const path = join(folder, `old-${spec.arch}.state.safetensors`);
    const net = build(spec, new Set());
    const whole = await trainAndSave(net, path, 2, 1);
    net.dispose();
    const { trainingPasses, ...old } = (await readTrainingState(path)) as TrainingState;
    expect(trainingPasses).toBe(2);
    const again = build(spec, new Set());
    const resumed = resume(again, old, 1);
    again.dispose();
    expect(resumed, spec.arch).toEqual(whole);
  }
});
