import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../../src/engine/load-engine.js";
import type { WeightValue } from "../../../src/graph/model.js";
import type { WeightQuantization } from "../../../src/graph/quantizers.js";
import { builtInSpec } from "../../../src/models/chains/built-in-chain.js";
import { kernelShape } from "../../../src/models/chains/kernel-shape.js";
import { stateNames } from "../../../src/models/chains/state-names.js";
import { kernelValues } from "../../../src/quant/numbers/grid-kernel.js";
import { quantizeLatentKernel } from "../../../src/quant/numbers/quantize-latent-kernel.js";
import { weightNumbers } from "../../../src/quant/numbers/quantized-tensor.js";
import { bakedChain } from "../../models/chain-model.js";
import { binaryActivations, nameOf, quantizedWeights } from "../../models/quantizations.js";
import { randomWeights } from "../../models/random-weights.js";

const netOf = (weights: WeightQuantization) => {
  const spec = builtInSpec({
    arch: "nin_gc",
    widths: [64, 64, 64, 64, 64, 64, 64, 64],
    classes: 10,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "dorefa",
    quantization: { weights, activations: binaryActivations },
  });
  const plain = randomWeights(spec, 1).map((conv) => ({
    ...conv,
    // Ties at the threshold and at a rounding, all-zero filters, and what a gap remembers.
    kernel: conv.kernel.map((weight, at) => (at % 11 === 0 || at < 40 ? 0 : weight)),
    codes: conv.kernel.map((weight) => Math.sign(Math.round(2 * weight))),
  }));
  return { spec, weights: plain };
};

/** The values of every quantized kernel by the engine and in plain numbers. */
const bothWays = (quantization: WeightQuantization) => {
  const { spec, weights } = netOf(quantization);
  const baked = bakedChain(spec, weights).model.weights;
  return spec.convs.flatMap(({ isQuantized }, at) => {
    const { kernel: values, codes: lastCodes } = weights[at] as (typeof weights)[number];
    const plain = quantizeLatentKernel(
      { values, shape: kernelShape(spec, at), lastCodes },
      quantization,
    );
    if (!isQuantized || !plain) return [];
    const engine = baked.get(`${stateNames(spec)[at]?.conv}.weight`) as WeightValue;
    return [{ engine: weightNumbers(engine), plain: kernelValues(plain) }];
  });
};

describe("on the JavaScript engine", () => {
  beforeAll(async () => {
    await loadEngine({ engine: "js", notify: () => {} });
  });

  test.each(quantizedWeights.map((each) => [nameOf(each), each] as const))(
    "weights that are quantized in plain numbers are the engine's to the bit: %s",
    (_, quantization) => {
      const pairs = bothWays(quantization);
      expect(pairs).toHaveLength(7);
      for (const { engine, plain } of pairs) {
        expect(engine.findIndex((value, at) => value !== plain[at])).toBe(-1);
      }
    },
  );
});

describe("on the native engine", () => {
  beforeAll(async () => {
    await loadEngine({ engine: "native", notify: () => {} });
  });

  test.each(quantizedWeights.map((each) => [nameOf(each), each] as const))(
    "they are the engine's except for weights at a threshold: %s",
    (_, quantization) => {
      for (const { engine, plain } of bothWays(quantization)) {
        // Scales differ by what sums in another order differ; a weight that falls on the other side of a
        // threshold jumps by a whole step, which none of these thousands should.
        const gaps = engine.map((value, at) => Math.abs(value - (plain[at] as number)));
        expect(Math.max(...gaps)).toBeLessThan(1e-6);
      }
    },
  );
});

test("full precision has no codes", () => {
  const latent = { values: Float32Array.of(1), shape: [1, 1, 1, 1], lastCodes: undefined } as const;
  expect(quantizeLatentKernel(latent, { kind: "float" })).toBeUndefined();
  expect(quantizeLatentKernel(latent, { kind: "dorefa", bits: 32 })).toBeUndefined();
});
