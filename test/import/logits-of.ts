import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { runningNet } from "../../src/checkpoint/running-net.js";
import { modelState } from "../../src/checkpoint/tensors/model-state.js";
import type { Model } from "../../src/graph/model.js";
import { FULL_PRECISION } from "../../src/graph/quantizers.js";
import type { Net } from "../../src/models/net.js";
import { specOfGraph } from "../../src/models/net-spec.js";
import { tf } from "../../src/tensor/tf.js";

/** Images [1, 3, side, side] with the values sin(0.37 i), channels last. */
export const fixtureImages = (side: number) => {
  const values = Float32Array.from({ length: 3 * side * side }, (_, at) => Math.sin(0.37 * at));
  return tf.tidy(() => tf.transpose(tf.tensor(values, [1, 3, side, side]), [0, 2, 3, 1]));
};

export const softmax = (logits: readonly number[]): number[] => {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
};

const run = (net: Net, side: number): number[] => {
  const input = fixtureImages(side);
  const output = net.infer(input as never);
  const values = [...output.dataSync()];
  for (const each of [output, input, net]) each.dispose();
  return values;
};

/** What the net of a file computes of the images of the fixtures. A softmax that was left out is applied. */
export const outputOfFile = async (path: string, side: number): Promise<number[]> => {
  const checkpoint = await loadCheckpoint(path);
  const spec = checkpoint.manifest?.spec;
  if (!spec) throw new Error("the file has no net");
  const own = run(runningNet(spec, checkpoint), side);
  return checkpoint.notices?.some((notice) => notice.includes("softmax")) ? softmax(own) : own;
};

/** What a model in full precision computes of the images of the fixtures. */
export const outputOfModel = (model: Model, side: number): number[] => {
  const { graph } = model;
  const spec = specOfGraph({
    arch: "model",
    graph,
    quantization: FULL_PRECISION,
    form: "trainable",
  });
  const file = { state: modelState(model), path: "model", manifest: undefined };
  return run(runningNet(spec, file), side);
};

/** The largest difference of numbers as a share of the largest number. */
export const relativeDifference = (own: readonly number[], expected: readonly number[]): number => {
  if (own.length !== expected.length) return Number.POSITIVE_INFINITY;
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...own.map((value, at) => Math.abs(value - (expected[at] as number)))) / largest;
};
