import { beforeAll, describe, expect, test } from "vitest";
import type { Batch } from "../../src/data/batches/batch-loader.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { buildNet } from "../../src/models/build-net.js";
import { builtInSpec } from "../../src/models/chains/built-in-chain.js";
import { builtInNets } from "../../src/models/chains/built-in-chains.js";
import { scaledWidths } from "../../src/models/chains/descriptions/chain-from-description.js";
import type { TrainedParts } from "../../src/models/executor/node-tensors.js";
import { parameter, replaceValue } from "../../src/models/parameter.js";
import { tf } from "../../src/tensor/tf.js";
import { clipGradients } from "../../src/train/clip-gradients.js";
import { createOptimizer } from "../../src/train/optimizers/create-optimizer.js";
import { trainingStep } from "../../src/train/training-step.js";
import { createWeightAverage } from "../../src/train/weight-average.js";
import { randomTensor } from "../random-tensor.js";

beforeAll(() => loadEngine({ engine: "native", notify: () => {} }));

const netOf = (weights: "float" | "binary", parts?: TrainedParts) =>
  buildNet(
    builtInSpec({
      arch: "nin",
      widths: scaledWidths(builtInNets.nin, 0.1),
      classes: 10,
      input: { channels: 3, height: 32, width: 32 },
      sequence: "tnn_bin",
      quantization: {
        weights: weights === "float" ? { kind: "float" } : { kind: "binary", hasAlpha: true },
        activations: { kind: "float" },
      },
    }),
    { seed: 1, gammaStart: "ones" },
    parts,
  );

const batchOf = (count: number, seed: number): Batch => {
  const images = randomTensor([count, 32, 32, 3], seed);
  const values = images.dataSync() as Float32Array;
  images.dispose();
  return { images: values, labels: Int32Array.from({ length: count }, (_, at) => at % 10), count };
};

describe("clipped gradients", () => {
  const withGradients = (gradients: readonly (readonly number[])[]) =>
    gradients.map((gradient, at) => {
      const made = parameter(`w${at}`, "weight", tf.zeros([gradient.length]));
      made.gradient = tf.tensor1d([...gradient]);
      return made;
    });

  test("have the norm that is asked for, over all parameters together", () => {
    const parameters = withGradients([[3], [0, 4]]);
    clipGradients(parameters, 1);
    const values = parameters.flatMap(({ gradient }) => [...(gradient?.dataSync() ?? [])]);
    // 3, 4 have the norm 5.
    [0.6, 0, 0.8].forEach((expected, at) => {
      expect(values[at]).toBeCloseTo(expected, 6);
    });
  });

  test("stay exactly as they are if their norm is smaller", () => {
    const parameters = withGradients([[0.3], [0, 0.4]]);
    clipGradients(parameters, 1);
    expect(parameters.flatMap(({ gradient }) => [...(gradient?.dataSync() ?? [])])).toEqual(
      [0.3, 0, 0.4].map(Math.fround),
    );
  });

  test("leave parameters without a gradient alone and leak no tensor", () => {
    const frozen = parameter("f", "weight", tf.tensor1d([1]));
    const parameters = [...withGradients([[3]]), frozen];
    const before = tf.memory().numTensors;
    clipGradients(parameters, 1);
    clipGradients([frozen], 1);
    expect(frozen.gradient).toBeNull();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("several batches per step", () => {
  /** The change of all weights by one step of plain SGD, which is the gradient. */
  const gradientOf = (batch: Batch | readonly Batch[]): { loss: number; change: number[] } => {
    const net = netOf("float");
    const start = net.parameters.map(({ value }) => value.dataSync().slice());
    const sgd = createOptimizer({ kind: "sgd", momentum: 0 }, net.parameters);
    const loss = trainingStep(net, sgd, batch, { learningRate: 1, weightDecay: 0 });
    const change = net.parameters.flatMap(({ value }, index) =>
      Array.from(
        value.dataSync(),
        (now, at) => ((start[index] as Float32Array)[at] as number) - now,
      ),
    );
    sgd.dispose();
    net.dispose();
    return { loss, change };
  };

  test("give the mean gradient over their images, and the mean loss", () => {
    const [first, second] = [batchOf(12, 1), batchOf(4, 2)];
    const [one, other] = [gradientOf(first), gradientOf(second)];
    const both = gradientOf([first, second]);
    expect(both.loss).toBeCloseTo(0.75 * one.loss + 0.25 * other.loss, 5);
    const worst = both.change.reduce((most, each, at) => {
      const mean = 0.75 * (one.change[at] as number) + 0.25 * (other.change[at] as number);
      return Math.max(most, Math.abs(each - mean));
    }, 0);
    // Weights of up to 1 with steps of up to 1, in float32.
    expect(worst).toBeLessThan(1e-5);
  });

  test("leak no tensor", () => {
    const net = netOf("float");
    const adam = createOptimizer({ kind: "adam", momentum: 0 }, net.parameters);
    const before = tf.memory().numTensors;
    trainingStep(net, adam, [batchOf(4, 1), batchOf(4, 2)], { learningRate: 1, weightDecay: 0 });
    expect(tf.memory().numTensors).toBe(before);
    adam.dispose();
    net.dispose();
  });
});

describe("averages of weights", () => {
  test("follow their formula, with a decay that starts small", () => {
    const weights = parameter("w", "weight", tf.tensor1d([1]));
    const average = createWeightAverage([weights], 0.5);
    let expected = 1;
    for (const [step, value] of [3, -2, 5, 7, 1, 0, 4, 4, 4, 4, 4].entries()) {
      replaceValue(weights, tf.tensor1d([value]));
      average.update(step + 1);
      const decay = Math.min(0.5, (2 + step) / (11 + step));
      expected = decay * expected + (1 - decay) * value;
      expect(average.values()[0]?.dataSync()[0]).toBeCloseTo(expected, 5);
    }
    average.dispose();
    weights.value.dispose();
  });
});

describe("parts without weight decay", () => {
  /** Names of the parameters that are decayed. */
  const decayed = (weights: "float" | "binary", undecayed: TrainedParts["undecayed"]): string[] => {
    const net = netOf(weights, undecayed && { undecayed });
    const names = net.parameters.filter((each) => each.isDecayed).map(({ role }) => role);
    net.dispose();
    return [...new Set(names)].sort();
  };

  test("are none by default", () => {
    expect(decayed("float", undefined)).toEqual(["beta", "bias", "gamma", "weight"]);
  });

  test("are the norms and biases", () => {
    expect(decayed("float", new Set(["norms", "biases"]))).toEqual(["weight"]);
  });

  test("are latent weights, but not those of layers in full precision", () => {
    const net = netOf("binary", { undecayed: new Set(["latent"]) });
    const kernels = net.parameters.filter(({ role }) => role === "weight");
    const kept = kernels.filter((each) => each.isDecayed).map(({ name }) => name);
    expect(kept).toEqual([kernels[0]?.name, kernels.at(-1)?.name]);
    net.dispose();
  });
});
