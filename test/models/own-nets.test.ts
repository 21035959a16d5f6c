import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import type { Quantization } from "../../src/graph/quantizers.js";
import { buildNet } from "../../src/models/build-net.js";
import type { ChainSpec } from "../../src/models/chains/chain-spec.js";
import type { NetDescription } from "../../src/models/chains/descriptions/chain-description.js";
import { specFromDescription } from "../../src/models/chains/descriptions/chain-from-description.js";
import { tf } from "../../src/tensor/tf.js";
import { createAdam } from "../../src/train/optimizers/adam.js";
import { trainingStep } from "../../src/train/training-step.js";
import { randomTensor } from "../random-tensor.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const CLASSES = 4;
const IMAGES = 2;

const whole = (least: number, most: number) => fc.integer({ min: least, max: most });

/** Mostly the first, at times one of the others. */
const often = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, fc.constantFrom(usual, ...others));

const pool = fc.record(
  {
    kind: fc.constantFrom("max", "average"),
    size: whole(1, 4),
    stride: whole(1, 5),
    pad: often(0, 1, 2),
  },
  { requiredKeys: ["kind", "size"] },
);

/** Widths and groups that mostly divide each other, so that many of the nets are built. */
const convolution = fc.record(
  {
    width: often(12, 1, 5, 24),
    kernel: often(3, 1, 2, 4, 5),
    pad: often(1, 0, 2, 4),
    groups: often(1, 2, 3, 12),
    shuffle: often(1, 2, 4),
    isQuantized: fc.boolean(),
    dropout: often(0, 0.5),
    pool: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, pool),
  },
  { requiredKeys: ["width", "kernel", "pad"] },
);

const description: fc.Arbitrary<NetDescription> = fc
  .record({
    order: fc.constantFrom("conv-norm-activation", "norm-activation-conv"),
    norm: fc.record({ epsilon: often(1e-5, 1e-12, 1), minGamma: often(null, 0.01) }),
    inner: fc.array(convolution, { minLength: 1, maxLength: 4 }),
    last: convolution,
  })
  .map(({ inner, last: { width: _, ...last }, ...net }) => ({
    name: "random",
    ...net,
    convs: [...inner, last],
  }));

const weights = fc.constantFrom<Quantization["weights"]>(
  { kind: "float" },
  { kind: "dorefa", bits: 1 },
  { kind: "dorefa", bits: 3 },
  { kind: "binary", hasAlpha: true },
  { kind: "ternary", hasAlpha: true, gapRatio: null },
  { kind: "ternary", hasAlpha: false, gapRatio: 0.8 },
);
const BINARY = { kind: "binary", values: "sign", straightThrough: "saturate" } as const;
const activations = fc.constantFrom<Quantization["activations"]>(
  { kind: "float" },
  { kind: "dorefa", bits: 2, scale: 0.1 },
  BINARY,
  { kind: "ternary", straightThrough: "soft" },
);

/** Trains one step and infers; gives all numbers that came out. */
const numbersOf = (spec: ChainSpec): number[] => {
  const { height, width } = spec.input;
  const before = tf.memory().numTensors;
  const net = buildNet(spec, { seed: 1, gammaStart: "ones" });
  const adam = createAdam(net.parameters);
  const images = randomTensor([IMAGES, height, width, 3], 7) as tf.Tensor4D;
  const batch = {
    images: images.dataSync() as Float32Array,
    labels: Int32Array.from({ length: IMAGES }, (_, at) => at % CLASSES),
    count: IMAGES,
  };
  const loss = trainingStep(net, adam, batch, { learningRate: 0.01, weightDecay: 0 });
  const logits = net.infer(images);
  expect(logits.shape).toEqual([IMAGES, CLASSES]);
  const numbers = [loss, ...logits.dataSync()];
  for (const { value } of net.state) numbers.push(...value.dataSync());
  tf.dispose([images, logits]);
  adam.dispose();
  net.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return numbers;
};

describe("a random description", () => {
  test("trains a step to finite numbers and leaves no tensor, or is refused with its convolution", () => {
    let [built, refused] = [0, 0];
    const input = fc.record({ height: whole(3, 12), width: whole(3, 12) });
    fc.assert(
      fc.property(
        description,
        input,
        weights,
        activations,
        (net, size, ofWeights, ofActivations) => {
          const isBinary = net.order === "norm-activation-conv";
          const quantization = {
            weights: ofWeights,
            activations: isBinary ? BINARY : ofActivations,
          };
          try {
            const spec = specFromDescription({
              description: net,
              classes: CLASSES,
              input: { channels: 3, ...size },
              sequence: "dorefa",
              quantization,
            });
            built++;
            expect(numbersOf(spec).every(Number.isFinite)).toBe(true);
          } catch (error) {
            if (!(error instanceof QpruneError)) throw error;
            expect(error.message).toMatch(/convolution \d|convs\[\d\]/);
            refused++;
          }
        },
      ),
      { numRuns: 400, seed: 1 },
    );
    expect(built).toBeGreaterThan(60);
    expect(refused).toBeGreaterThan(60);
  });

  test("of dropout drops in both orders, and only in training", () => {
    for (const order of ["conv-norm-activation", "norm-activation-conv"] as const) {
      const spec = (dropout: number) =>
        specFromDescription({
          description: {
            name: "dropped",
            order,
            convs: [
              { width: 8, kernel: 3 },
              { width: 8, kernel: 1, dropout },
              { kernel: 1, dropout },
            ],
          },
          classes: CLASSES,
          input: { channels: 3, height: 8, width: 8 },
          sequence: "dorefa",
          quantization: { weights: { kind: "float" }, activations: BINARY },
        });
      const logits = (dropout: number, mode: "infer" | "train") => {
        const net = buildNet(spec(dropout), { seed: 1, gammaStart: "ones" });
        const images = randomTensor([IMAGES, 8, 8, 3], 7) as tf.Tensor4D;
        const result = mode === "infer" ? net.infer(images) : net.train(images).logits;
        return [...result.dataSync()];
      };
      expect(logits(0.5, "infer")).toEqual(logits(0, "infer"));
      expect(logits(0.5, "train")).not.toEqual(logits(0, "train"));
    }
  });
});
