import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { buildNet } from "../../src/models/build-net.js";
import {
  type ArchitectureName,
  architectureNames,
  builtInSpec,
} from "../../src/models/chains/built-in-chain.js";
import { builtInNets } from "../../src/models/chains/built-in-chains.js";
import { chainSpecSchema, widthsOf } from "../../src/models/chains/chain-spec.js";
import {
  defaultWidths,
  scaledWidths,
} from "../../src/models/chains/descriptions/chain-from-description.js";
import { stateNames } from "../../src/models/chains/state-names.js";
import { widthBase } from "../../src/models/chains/widths.js";
import { tf } from "../../src/tensor/tf.js";
import { randomTensor } from "../random-tensor.js";

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const spec = (arch: ArchitectureName, widths?: readonly number[], input = 32, classes = 10) =>
  builtInSpec({
    arch,
    ...(widths && { widths }),
    classes,
    input: { channels: 3, height: input, width: input },
    sequence: "dorefa",
    quantization: {
      weights: { kind: "dorefa", bits: 4 },
      activations: { kind: "dorefa", bits: 4, scale: 0.1 },
    },
  });

describe("specs", () => {
  test.each(architectureNames)("%s is plain data that its own schema reads back", (arch) => {
    const made = spec(arch);
    expect(chainSpecSchema.parse(JSON.parse(JSON.stringify(made)))).toEqual(made);
    expect(widthsOf(made)).toEqual(defaultWidths(builtInNets[arch]));
  });

  test("a pool takes an index of the sequence, a block one, the first and last convolution two", () => {
    expect(stateNames(spec("nin")).map(({ conv }) => conv)).toEqual([
      "dorefa.0",
      "dorefa.2.conv",
      "dorefa.3.conv",
      "dorefa.5.conv",
      "dorefa.6.conv",
      "dorefa.7.conv",
      "dorefa.9.conv",
      "dorefa.10.conv",
      "dorefa.11",
    ]);
  });

  test("the bases of NIN-GC are the least common multiples of neighbouring groups", () => {
    const { convs } = spec("nin_gc");
    expect(convs.slice(0, -1).map((_, at) => widthBase(convs, at))).toEqual([
      2, 2, 16, 16, 4, 32, 32, 8,
    ]);
  });

  test("widths that the groups do not divide are refused with the nearest that fit", () => {
    const widths = [256, 256, 250, 512, 512, 512, 1024, 1024];
    expect(() => spec("nin_gc", widths)).toThrow(
      /width 3 is 250.*multiple of 16 \(nearest: 240 or 256\)/,
    );
  });

  test("a wrong number of widths is refused with the number that is needed", () => {
    expect(() => spec("nin", [1, 2, 3])).toThrow(/nin has 8 widths.*3 were given/);
  });

  test("scaled widths always fit", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...architectureNames),
        fc.double({ min: 0.01, max: 3, noNaN: true }),
        (arch, factor) => {
          expect(() => spec(arch, scaledWidths(builtInNets[arch], factor))).not.toThrow();
        },
      ),
    );
    expect(scaledWidths(builtInNets.nin_gc, 0.25)).toEqual([64, 64, 64, 128, 128, 128, 256, 256]);
    expect(scaledWidths(builtInNets.nin, 1)).toEqual(defaultWidths(builtInNets.nin));
  });
});

describe.each(architectureNames)("%s", (arch) => {
  test.each([
    [16, 10],
    [32, 100],
    [48, 3],
  ])("takes images of %i pixels and gives %i classes", (side, classes) => {
    const net = buildNet(spec(arch, scaledWidths(builtInNets[arch], 0.125), side, classes), {
      seed: 1,
      gammaStart: "ones",
    });
    const logits = net.infer(randomTensor([2, side, side, 3], 1) as tf.Tensor4D);
    expect(logits.shape).toEqual([2, classes]);
    expect(logits.dataSync().every(Number.isFinite)).toBe(true);
    net.dispose();
    logits.dispose();
  });

  test("a step leaks no tensors except the gradients of its parameters", () => {
    const before = tf.memory().numTensors;
    const net = buildNet(spec(arch, scaledWidths(builtInNets[arch], 0.125)), {
      seed: 1,
      gammaStart: "uniform",
    });
    const images = randomTensor([2, 32, 32, 3], 1) as tf.Tensor4D;
    const held = tf.memory().numTensors;
    const { logits, backward } = net.train(images);
    backward(logits);
    logits.dispose();
    expect(tf.memory().numTensors - held).toBe(net.parameters.length);
    expect(
      net.parameters.every(
        ({ gradient, value }) => String(gradient?.shape) === String(value.shape),
      ),
    ).toBe(true);
    net.dispose();
    images.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("the same seed gives the same weights, another seed others", () => {
    const first = (seed: number) => {
      const net = buildNet(spec(arch, scaledWidths(builtInNets[arch], 0.125)), {
        seed,
        gammaStart: "ones",
      });
      const values = net.parameters[0]?.value.dataSync().slice();
      net.dispose();
      return values;
    };
    expect(first(1)).toEqual(first(1));
    expect(first(1)).not.toEqual(first(2));
  });
});
