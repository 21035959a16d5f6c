import { beforeAll, expect, test } from "vitest";
import { createBatchLoader } from "../../src/data/batches/batch-loader.js";
import { loadDataSet } from "../../src/data/load-data-set.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { buildNet } from "../../src/models/build-net.js";
import { builtInSpec } from "../../src/models/chains/built-in-chain.js";
import { tf } from "../../src/tensor/tf.js";
import { toImageTensor } from "../../src/train/image-tensor.js";
import { recalibrateBatchNorm } from "../../src/train/recalibrate-batch-norm.js";

beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));

const setUp = async () => {
  const { train, info } = await loadDataSet({
    name: "digits",
    directory: ".",
    trainLimit: 150,
    testLimit: 1,
    parts: "train and test",
  });
  const loader = createBatchLoader({
    images: train,
    info,
    batchSize: 50,
    mode: "train",
    seed: 1,
    workers: 0,
  });
  const spec = builtInSpec({
    arch: "nin",
    widths: [24, 20, 12, 24, 24, 24, 24, 24],
    classes: 10,
    input: { channels: info.channels, height: info.height, width: info.width },
    sequence: "dorefa",
    quantization: {
      weights: { kind: "dorefa", bits: 4 },
      activations: { kind: "dorefa", bits: 4, scale: 0.1 },
    },
  });
  return { loader, net: buildNet(spec, { seed: 1, gammaStart: "ones" }) };
};

const statistics = (net: Awaited<ReturnType<typeof setUp>>["net"]): Map<string, number[]> =>
  new Map(
    net.state
      .filter(({ name }) => name.includes("running"))
      .map(({ name, value }) => [name, [...value.dataSync()]]),
  );

test("running statistics become the means over the batches, whatever they were before", async () => {
  const { loader, net } = await setUp();
  const sums = new Map<string, number[]>();
  for await (const batch of loader.epoch(2)) {
    const images = toImageTensor(batch, net.spec);
    net.recalibrate(images, 1);
    images.dispose();
    for (const [name, values] of statistics(net))
      sums.set(
        name,
        values.map((value, at) => (sums.get(name)?.[at] ?? 0) + value / 3),
      );
  }
  await recalibrateBatchNorm(net, loader, {
    epoch: 2,
    batches: 3,
    signal: new AbortController().signal,
  });
  for (const [name, values] of statistics(net))
    values.forEach((value, at) => {
      // A few float32 roundings.
      expect(Math.abs(value - (sums.get(name)?.[at] ?? 0))).toBeLessThan(
        1e-4 * (1 + Math.abs(value)),
      );
    });
  net.dispose();
});

test("settling leaves weights, counters and the number of tensors alone", async () => {
  const { loader, net } = await setUp();
  const kernel = [...(net.parameters[0]?.value.dataSync() ?? [])];
  const before = tf.memory().numTensors;
  await recalibrateBatchNorm(net, loader, {
    epoch: 1,
    batches: 2,
    signal: new AbortController().signal,
  });
  expect(tf.memory().numTensors).toBe(before);
  expect([...(net.parameters[0]?.value.dataSync() ?? [])]).toEqual(kernel);
  expect(net.batchCounters.every(({ count }) => count === 0)).toBe(true);
  net.dispose();
});
