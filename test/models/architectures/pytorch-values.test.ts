import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../../src/checkpoint/checkpoint.js";
import { openNetFile } from "../../../src/checkpoint/net-files/open-net-file.js";
import { applyState, netState } from "../../../src/checkpoint/tensors/net-state.js";
import { loadEngine } from "../../../src/engine/load-engine.js";
import { float32Values } from "../../../src/formats/safetensors/tensor-values.js";
import { readGraph } from "../../../src/graph/check-graph.js";
import type { Node } from "../../../src/graph/graph.js";
import { runGraph } from "../../../src/models/executor/run-graph.js";
import type { Net } from "../../../src/models/net.js";
import { softmaxCrossEntropy } from "../../../src/tensor/ops/softmax-cross-entropy.js";
import { type Tensor1D, type Tensor4D, tf } from "../../../src/tensor/tf.js";

/** A folder made by bench/torch/architecture_values.py. */
const FOLDER = process.env.QPRUNE_ARCHITECTURE_VALUES ?? "";
const ONLY = process.env.QPRUNE_ARCHITECTURE?.split(",");

const npyValues = (path: string): { shape: number[]; values: Float32Array | Int32Array } => {
  const bytes = readFileSync(path);
  const length = bytes.readUInt16LE(8);
  const header = bytes.toString("latin1", 10, 10 + length);
  const shape = (/\(([^)]*)\)/.exec(header)?.[1] ?? "").split(",").filter(Boolean).map(Number);
  const data = bytes.buffer.slice(bytes.byteOffset + 10 + length, bytes.byteOffset + bytes.length);
  return {
    shape,
    values: header.includes("<i4") ? new Int32Array(data) : new Float32Array(data),
  };
};

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const difference = (one: ArrayLike<number>, other: ArrayLike<number>): number =>
  Array.from(one).reduce((most, value, index) => {
    const apart = Math.abs(value - (other[index] as number));
    return Number.isNaN(apart) ? Number.POSITIVE_INFINITY : Math.max(most, apart);
  }, 0);

const isIn = (name: string) => existsSync(join(FOLDER, name));
const names: string[] =
  FOLDER && isIn("index.json") ? JSON.parse(readFileSync(join(FOLDER, "index.json"), "utf8")) : [];

describe.skipIf(names.length === 0)("the values of PyTorch", () => {
  beforeAll(async () => {
    await loadEngine({ engine: "native", notify: () => {} });
  });

  test.each(names.filter((name) => !ONLY || ONLY.includes(name)))("%s has them", async (name) => {
    const at = (file: string): string => join(FOLDER, name, file);
    const meta = JSON.parse(readFileSync(at("meta.json"), "utf8"));
    const stored = readGraph(JSON.parse(readFileSync(at("graph.json"), "utf8")), name);
    const nodes = stored.nodes.map(
      (node): Node => (node.kind === "dropout" ? { ...node, rate: 0 } : node),
    );
    const before = tf.memory().numTensors;
    const running = runGraph({ ...stored, nodes }, { seed: 1, gammaStart: "ones" });
    const net = running as Net;
    const { state } = await loadCheckpoint(at("state.pth"), {
      described: {
        kind: "graph",
        name,
        build: () => stored,
        imageSide: meta.image.height,
        source: "",
      },
    });
    applyState(net, state, name);
    expect([...netState(net).keys()]).toEqual([...state.keys()]);
    const { shape, values } = npyValues(at("images.npy"));
    const images = tf.tidy(() =>
      tf.transpose(tf.tensor(values, shape as [number, number, number, number]), [0, 2, 3, 1]),
    ) as Tensor4D;
    const compare = (logits: ArrayLike<number>, file: string): number => {
      const expected = npyValues(at(file)).values;
      return difference(logits, expected) / largest(expected);
    };
    const inferred = net.infer(images);
    const evaluation = compare(inferred.dataSync(), "logits_eval.npy");
    const { logits, backward } = net.train(images);
    const training = compare(logits.dataSync(), "logits_train.npy");
    const labels = tf.tensor1d(npyValues(at("labels.npy")).values, "int32") as Tensor1D;
    const { loss, dLogits } = softmaxCrossEntropy(logits, labels);
    backward(dLogits);
    tf.dispose([images, inferred, logits, labels, loss, dLogits]);
    const hasNorms = net.batchCounters.length > 0;
    const grads = (await openNetFile(at("grads.pth"))).tensors;
    const shown = new Map([...grads].map(([key, tensor]) => [key, float32Values(tensor, key)]));
    const most = Math.max(...[...shown.values()].map(largest));
    const worst = net.parameters.map((parameter) => {
      const expected = shown.get(parameter.name) as Float32Array;
      const holder = {
        ...net,
        state: [{ ...parameter, value: parameter.gradient }],
        batchCounters: [],
      };
      const own = netState(holder as never).get(parameter.name);
      const values = float32Values(own as never, parameter.name);
      const scale = Math.max(largest(expected), 1e-4 * most);
      return {
        name: parameter.name,
        off: difference(values, expected) / scale,
        noise: meta.float64.grads[parameter.name],
      };
    });
    const bad = worst.filter(({ off, noise }) => off > Math.max(1e-3, 20 * noise));
    // A ReLU whose input is 0 but for rounding may pass or stop the gradient, which moves all gradients before it a little.
    const isFlip = bad.every(({ off }) => off < 0.1);
    const after = hasNorms ? (await openNetFile(at("buffers_after.pth"))).tensors : [];
    const buffers = netState(net);
    const stats = Math.max(
      ...[...after]
        .filter(([key]) => !key.endsWith("tracked"))
        .map(([key, tensor]) => {
          const expected = float32Values(tensor, key);
          return (
            difference(float32Values(buffers.get(key) as never, key), expected) / largest(expected)
          );
        }),
      0,
    );
    net.dispose();
    const largestOff = Math.max(...worst.map(({ off }) => off));
    console.log(JSON.stringify({ name, evaluation, training, stats, largestOff }));
    expect(evaluation).toBeLessThan(1e-4);
    expect(training).toBeLessThan(Math.max(1e-4, 5 * meta.float64.train));
    expect(stats).toBeLessThan(1e-4);
    expect(isFlip).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });
});
