import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { graphArchitectures } from "../../../src/models/architectures/graph-architectures.js";
import { buildNet } from "../../../src/models/build-net.js";
import { specOfGraph } from "../../../src/models/net-spec.js";
import { tf } from "../../../src/tensor/tf.js";
import { createAdam } from "../../../src/train/optimizers/adam.js";
import { trainingStep } from "../../../src/train/training-step.js";
import { trainedParts } from "../../../src/workflows/training/trained-parts.js";
import { randomTensor } from "../../random-tensor.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const graph = graphArchitectures.resnet20.build({
  classes: 4,
  image: { height: 16, width: 16, channels: 3 },
  width: 0.25,
});
const spec = specOfGraph({
  arch: "resnet20",
  graph,
  quantization: { weights: { kind: "float" }, activations: { kind: "float" } },
  form: "trainable",
});

/** The largest change of each tensor of the net in one training step, by name. */
const changes = (options: Parameters<typeof trainedParts>[1]): Map<string, number> => {
  const before = tf.memory().numTensors;
  const net = buildNet(spec, { seed: 1, gammaStart: "ones" }, trainedParts(graph, options));
  const adam = createAdam(net.parameters);
  const start = net.state.map(({ value }) => value.dataSync().slice());
  const images = randomTensor([2, 16, 16, 3], 3);
  const batch = {
    images: images.dataSync() as Float32Array,
    labels: Int32Array.of(1, 2),
    count: 2,
  };
  trainingStep(net, adam, batch, { learningRate: 0.01, weightDecay: 0 });
  const changed = net.state.map(({ name, value }, index): [string, number] => {
    const old = start[index] as Float32Array;
    const apart = Array.from(value.dataSync(), (now, at) => Math.abs(now - (old[at] as number)));
    return [name, Math.max(...apart)];
  });
  images.dispose();
  adam.dispose();
  net.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return new Map(changed);
};

describe("parts of a net", () => {
  test("up to a frozen layer keep weights and statistics, and the others are trained", () => {
    for (const [name, change] of changes({ freeze_until: "layer2", lr_head: undefined })) {
      if (/^(layer3|linear)\b/.test(name)) expect(change, name).toBeGreaterThan(0);
      else expect(change, name).toBe(0);
    }
  });

  test("are all trained without options", () => {
    for (const [name, change] of changes({ freeze_until: undefined, lr_head: undefined }))
      expect(change, name).toBeGreaterThan(0);
  });

  test("have a head that may learn faster", () => {
    const plain = changes({ freeze_until: undefined, lr_head: undefined });
    const fast = changes({ freeze_until: undefined, lr_head: 5 });
    // The first step of Adam moves every weight by about the learning rate.
    expect((fast.get("linear.weight") ?? 0) / (plain.get("linear.weight") ?? 1)).toBeCloseTo(5, 2);
    expect(fast.get("conv1.weight")).toBe(plain.get("conv1.weight"));
  });

  test("that do not exist are refused with the names of layers", () => {
    expect(() => trainedParts(graph, { freeze_until: "nope", lr_head: undefined })).toThrow(
      expect.objectContaining({
        message: "freezeUntil is nope, but the net has no such layer.",
        hint: expect.stringMatching(/^Name one of its layers: conv1, layer1\.0\.conv1, /),
      }),
    );
  });
});
