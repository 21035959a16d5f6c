import { beforeAll, expect, test } from "vitest";
import { createBatchLoader } from "../../src/data/batches/batch-loader.js";
import { loadDataSet } from "../../src/data/load-data-set.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { buildNet } from "../../src/models/build-net.js";
import { builtInSpec } from "../../src/models/chains/built-in-chain.js";
import { builtInNets } from "../../src/models/chains/built-in-chains.js";
import { scaledWidths } from "../../src/models/chains/descriptions/chain-from-description.js";
import { tf } from "../../src/tensor/tf.js";
import { findLearningRate } from "../../src/train/learning-rate-range.js";

beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));

const find = async (kind: "adam" | "sgd", signal = new AbortController().signal) => {
  const { train, info } = await loadDataSet({
    ...{ name: "digits", directory: ".", trainLimit: 200, testLimit: 1 },
    parts: "train and test",
  });
  const common = { images: train, info, batchSize: 20, seed: 1, workers: 0 };
  const loader = createBatchLoader({ ...common, mode: "train" });
  const spec = builtInSpec({
    arch: "nin",
    widths: scaledWidths(builtInNets.nin, 0.1),
    classes: 10,
    input: { channels: 3, height: info.height, width: info.width },
    sequence: "tnn_bin",
    quantization: { weights: { kind: "float" }, activations: { kind: "float" } },
  });
  const before = tf.memory().numTensors;
  const net = buildNet(spec, { seed: 1, gammaStart: "ones" });
  const optimizer = { kind, momentum: 0.9 };
  try {
    return await findLearningRate({ net, loader, optimizer, weightDecay: 0, signal });
  } finally {
    net.dispose();
    expect(tf.memory().numTensors).toBe(before);
  }
};

test.each(["adam", "sgd"] as const)(
  "a range test with %s chooses a rate below the one at which it diverges",
  async (kind) => {
    const { points, learningRate } = await find(kind);
    const rates = points.map((point) => point.learningRate);
    expect(rates[0]).toBe(1e-6);
    expect(rates).toEqual([...rates].sort((a, b) => a - b));
    expect(learningRate).toBeGreaterThan(1e-5);
    expect(learningRate).toBeLessThan((rates.at(-1) as number) / 5);
    expect(await find(kind)).toEqual({ points, learningRate });
  },
);

test("a range test ends when it is aborted", async () => {
  await expect(find("adam", AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
});
