import { beforeAll, expect, test } from "vitest";
import { createBatchLoader } from "../../src/data/batches/batch-loader.js";
import { loadDataSet } from "../../src/data/load-data-set.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { createGraphBuilder } from "../../src/graph/graph-builder.js";
import { FULL_PRECISION } from "../../src/graph/quantizers.js";
import { buildNet } from "../../src/models/build-net.js";
import { specOfGraph } from "../../src/models/net-spec.js";
import { replaceValue } from "../../src/models/parameter.js";
import { tf } from "../../src/tensor/tf.js";
import { toImageTensor } from "../../src/train/image-tensor.js";
import { lossChanges } from "../../src/train/loss-changes.js";
import { crossEntropy } from "../../src/train/losses/cross-entropy.js";

beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));

const setUp = async () => {
  const { train, info } = await loadDataSet({
    name: "digits",
    directory: ".",
    trainLimit: 40,
    testLimit: 1,
    parts: "train and test",
  });
  const loader = createBatchLoader({
    images: train,
    info,
    batchSize: 20,
    mode: "train",
    seed: 1,
    workers: 0,
  });
  const g = createGraphBuilder(info);
  const x = g.relu(g.batchNorm("bn", g.conv("conv", g.images, { filters: 4, kernel: 3 })));
  const y = g.relu(g.conv("plain", x, { filters: 3, kernel: 1, hasBias: true }));
  const graph = g.finish(g.dense("fc", g.globalPool(y), { features: 10, hasBias: true }));
  const facts = { arch: "small", quantization: FULL_PRECISION, form: "trainable" } as const;
  const net = buildNet(specOfGraph({ ...facts, graph }), { seed: 1, gammaStart: "uniform" });
  for (const parameter of net.parameters) {
    // Betas and biases of 0 would not count.
    if (parameter.role !== "beta" && parameter.role !== "bias") continue;
    const size = parameter.value.shape[0] as number;
    replaceValue(parameter, tf.linspace(0.1, 0.4, size));
  }
  return { loader, net };
};

/** The losses of the first two batches with the tensors of one channel of a node times `gate`. */
const gatedLosses = async (
  { net, loader }: Awaited<ReturnType<typeof setUp>>,
  { node, channel, gate }: { node: string; channel: number; gate: number },
): Promise<number[]> => {
  const own = net.parameters.filter(({ name }) => name.startsWith(`${node}.`));
  const before = own.map(({ value }) => value.clone());
  for (const parameter of own) {
    const size = parameter.value.shape.at(-1) as number;
    const gates = Float32Array.from({ length: size }, (_, index) => (index === channel ? gate : 1));
    replaceValue(
      parameter,
      tf.tidy(() => tf.mul(parameter.value, tf.tensor1d(gates))),
    );
  }
  const losses: number[] = [];
  for await (const batch of loader.epoch(1, { isWeak: true })) {
    const images = toImageTensor(batch, net.spec);
    const { logits, backward } = net.train(images);
    const { loss, dLogits } = crossEntropy({ logits, images, batch, watched: [] });
    losses.push(loss.dataSync()[0] as number);
    backward(dLogits);
    tf.dispose([images, logits, loss, dLogits]);
  }
  for (const [index, parameter] of own.entries())
    replaceValue(parameter, before[index] as (typeof before)[number]);
  for (const parameter of net.parameters) {
    parameter.gradient?.dispose();
    parameter.gradient = null;
  }
  return losses;
};

const changesOf = ({ net, loader }: Awaited<ReturnType<typeof setUp>>) =>
  lossChanges({ net, loader, batches: 2, signal: new AbortController().signal });

/** Float32 losses differ by 1e-7, which this step divides. */
const STEP = 0.02;

test("is the derivative of the loss by a factor of the channel, its root mean square over batches", async () => {
  const own = await setUp();
  const changes = await changesOf(own);
  for (const [node, channels] of [
    ["bn", 4],
    ["plain", 3],
  ] as const) {
    expect(changes.get(node)).toHaveLength(channels);
    for (let channel = 0; channel < channels; channel++) {
      const above = await gatedLosses(own, { node, channel, gate: 1 + STEP });
      const below = await gatedLosses(own, { node, channel, gate: 1 - STEP });
      const slopes = above.map((loss, batch) => (loss - (below[batch] as number)) / (2 * STEP));
      const wanted = Math.hypot(...slopes) / Math.sqrt(slopes.length);
      // Third derivatives and rounding are left over.
      expect(Math.abs((changes.get(node)?.[channel] ?? Number.NaN) - wanted)).toBeLessThan(2e-4);
      expect(wanted).toBeGreaterThan(0);
    }
  }
  own.net.dispose();
});

test("is 0 for filters before a norm, whose scale the statistics of the batch undo", async () => {
  const own = await setUp();
  const changes = await changesOf(own);
  const most = Math.max(...(changes.get("bn") ?? []));
  for (const change of changes.get("conv") ?? [Number.NaN])
    expect(change).toBeLessThan(0.02 * most);
  own.net.dispose();
});

test("leaves no tensor behind", async () => {
  const own = await setUp();
  await changesOf(own);
  const { numTensors } = tf.memory();
  await changesOf(own);
  expect(tf.memory().numTensors).toBe(numTensors);
  own.net.dispose();
});
