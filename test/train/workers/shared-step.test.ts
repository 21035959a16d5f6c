import { beforeAll, describe, expect, test } from "vitest";
import type { Batch } from "../../../src/data/batches/batch-loader.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { createGraphBuilder } from "../../../src/graph/graph-builder.js";
import { FULL_PRECISION } from "../../../src/graph/quantizers.js";
import { buildNet } from "../../../src/models/build-net.js";
import { builtInSpec } from "../../../src/models/chains/built-in-chain.js";
import { specOfGraph } from "../../../src/models/net-spec.js";
import { tf } from "../../../src/tensor/tf.js";
import { createOptimizer } from "../../../src/train/optimizers/create-optimizer.js";
import { trainingStep } from "../../../src/train/training-step.js";
import { gatherBytes, gatherTexts } from "../../../src/train/workers/gather-texts.js";
import { snapshotNet } from "../../../src/train/workers/net-snapshot.js";
import { netDigest } from "../../../src/train/workers/shared-state.js";
import { binaryActivations } from "../../models/quantizations.js";
import { runTogether } from "./simulated-workers.js";

beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));

const SIDE = 16;
const spec = builtInSpec({
  arch: "nin_gc",
  widths: [32, 32, 32, 64, 64, 64, 64, 64],
  classes: 10,
  input: { channels: 3, height: SIDE, width: SIDE },
  sequence: "tnn_bin",
  quantization: {
    weights: { kind: "binary", hasAlpha: true },
    activations: binaryActivations,
  },
});
const createNet = () => buildNet(spec, { seed: 1, gammaStart: "uniform" });

const createNetWithDropout = () => {
  const g = createGraphBuilder({ height: SIDE, width: SIDE, channels: 3 });
  const map = g.dropout(
    g.relu(g.conv("conv", g.images, { filters: 8, kernel: 3, stride: 4 })),
    0.5,
  );
  const graph = g.finish(g.dense("fc", g.flatten(map), { features: 10 }));
  return buildNet(
    specOfGraph({ arch: "custom", graph, quantization: FULL_PRECISION, form: "trainable" }),
    { seed: 1, gammaStart: "uniform" },
  );
};

/** `count` images that depend on their indices only, as a part of a batch. */
const batchOf = (from: number, count: number, of: number): Batch => ({
  images: Float32Array.from({ length: count * SIDE * SIDE * 3 }, (_, place) =>
    Math.sin((from * SIDE * SIDE * 3 + place) * 0.37),
  ),
  labels: Int32Array.from({ length: count }, (_, place) => (from + place) % 10),
  count,
  part: { of, weight: count / of },
});

const STEP = { learningRate: 0.01, weightDecay: 1e-4, sparsityLambda: 1e-3, clipNorm: 1 };

describe("a step of two workers", () => {
  test.each([
    ["a quantized net", createNet],
    ["a net with dropout", createNetWithDropout],
  ])("is to the bit that of one process that accumulates their batches: %s", (_, create) => {
    const alone = create();
    const loss = trainingStep(
      alone,
      createOptimizer({ kind: "adam", momentum: 0.9 }, alone.parameters),
      [batchOf(0, 4, 8), batchOf(4, 4, 8)].map(({ part: _, ...whole }) => whole),
      STEP,
    );
    const results = runTogether(2, (workers) => {
      const net = create();
      const counts: number[] = [];
      const own = trainingStep(
        net,
        createOptimizer({ kind: "adam", momentum: 0.9 }, net.parameters),
        batchOf(4 * workers.index, 4, 8),
        {
          ...STEP,
          workers,
          counted: () => [3 + workers.index],
          onCounts: (sums) => counts.push(...sums),
        },
      );
      const parameters = net.parameters.map(({ value }) => Array.from(value.dataSync()));
      return { loss: own, counts, parameters, digest: netDigest(net) };
    });
    for (const result of results) {
      expect(result.loss).toBe(loss);
      expect(result.counts).toEqual([7]);
      expect(result.parameters).toEqual(
        alone.parameters.map(({ value }) => Array.from(value.dataSync())),
      );
    }
    // The running statistics are means of those of both, so that all of the net is the same.
    expect(results[0]?.digest).toBe(results[1]?.digest);
  });

  test("weighs unequal parts by their images", () => {
    const results = runTogether(2, (workers) => {
      const net = createNet();
      const [from, count] = workers.index === 0 ? [0, 3] : [3, 5];
      return trainingStep(
        net,
        createOptimizer({ kind: "sgd", momentum: 0.9 }, net.parameters),
        batchOf(from as number, count as number, 8),
        { learningRate: 0, weightDecay: 0, workers },
      );
    });
    const lossOf = (batch: Batch): number => {
      const net = createNet();
      const { part: _, ...whole } = batch;
      const optimizer = createOptimizer({ kind: "sgd", momentum: 0.9 }, net.parameters);
      return trainingStep(net, optimizer, whole, { learningRate: 0, weightDecay: 0 });
    };
    const expected = (3 * lossOf(batchOf(0, 3, 8)) + 5 * lossOf(batchOf(3, 5, 8))) / 8;
    for (const loss of results) expect(loss).toBeCloseTo(expected, 5);
  });
});

test("a snapshot puts back everything that a pass changes", () => {
  const net = createNet();
  const before = netDigest(net);
  const snapshot = snapshotNet(net);
  net.applyConstraints();
  const images = tf.randomNormal([4, SIDE, SIDE, 3]) as tf.Tensor4D;
  const { logits, backward } = net.train(images);
  backward(tf.onesLike(logits) as tf.Tensor2D);
  expect(netDigest(net)).not.toBe(before);
  snapshot.restore();
  tf.dispose([images, logits]);
  expect(netDigest(net)).toBe(before);
  expect(net.trainingPasses.count).toBe(0);
});

describe("texts", () => {
  test("of all workers reach all of them", () => {
    const texts = ["", "München", "x".repeat(70_000)];
    for (const gathered of runTogether(3, (workers) =>
      gatherTexts(workers, texts[workers.index] as string),
    )) {
      expect(gathered).toEqual(texts);
    }
  });

  test("may be bytes of more than one message", () => {
    const bytes = Uint8Array.from({ length: (1 << 20) + 3 }, (_, place) => place % 251);
    const none = new Uint8Array();
    for (const [first, second] of runTogether(2, (workers) =>
      gatherBytes(workers, workers.index === 0 ? none : bytes),
    )) {
      expect(first).toEqual(none);
      expect(Buffer.compare(second as Uint8Array, bytes)).toBe(0);
    }
  });
});
