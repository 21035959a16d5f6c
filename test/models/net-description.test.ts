import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { architectureNames, builtInSpec } from "../../src/models/chains/built-in-chain.js";
import { builtInNets } from "../../src/models/chains/built-in-chains.js";
import { chainSpecSchema } from "../../src/models/chains/chain-spec.js";
import type { NetDescription } from "../../src/models/chains/descriptions/chain-description.js";
import { chainDifference } from "../../src/models/chains/descriptions/chain-difference.js";
import {
  scaledWidths,
  specFromDescription,
} from "../../src/models/chains/descriptions/chain-from-description.js";
import { readDescription } from "../../src/models/chains/descriptions/read-chain-description.js";

const examples = fileURLToPath(new URL("../../examples/nets", import.meta.url));
const example = (name: string): unknown =>
  JSON.parse(readFileSync(join(examples, `${name}.json`), "utf8"));

const COMMON = {
  classes: 10,
  input: { channels: 3, height: 32, width: 32 },
  sequence: "dorefa",
  quantization: {
    weights: { kind: "dorefa", bits: 4 },
    activations: { kind: "dorefa", bits: 4, scale: 0.1 },
  },
} as const;
const specOf = (description: NetDescription, widths?: readonly number[]) =>
  specFromDescription({ ...COMMON, description, ...(widths && { widths }) });

const refusal = (act: () => unknown): QpruneError => {
  try {
    act();
  } catch (error) {
    if (error instanceof QpruneError) return error;
    throw error;
  }
  throw new Error("was not refused");
};

/** A net of three convolutions, the middle one changed. */
const three = (change: object, more: object = {}): NetDescription =>
  ({
    name: "three",
    convs: [{ width: 8, kernel: 3 }, { width: 12, kernel: 3, ...change }, { kernel: 1 }],
    ...more,
  }) as NetDescription;

describe("the example", () => {
  test.each(["nin", "nin_gc"] as const)("%s.json is the built-in net", (name) => {
    expect(specOf(readDescription(example(name)))).toStrictEqual(
      builtInSpec({ ...COMMON, arch: name }),
    );
  });

  test("vgg.json is a net for images of 32 pixels", () => {
    const { convs, arch } = specOf(readDescription(example("vgg")));
    expect(arch).toBe("vgg");
    expect(convs.map(({ width }) => width)).toEqual([64, 64, 128, 128, 256, 256, 512, 512, 10]);
  });
});

describe("what is left out", () => {
  test("gets its default", () => {
    expect(readDescription(three({ pool: { kind: "max", size: 2 } }))).toStrictEqual({
      name: "three",
      order: "conv-norm-activation",
      norm: { epsilon: 1e-5, minGamma: null },
      convs: [
        { width: 8, kernel: 3, pad: 1, groups: 1, shuffle: 1, dropout: 0, isQuantized: false },
        {
          width: 12,
          kernel: 3,
          pad: 1,
          groups: 1,
          shuffle: 1,
          dropout: 0,
          isQuantized: true,
          pool: { kind: "max", size: 2, stride: 2, pad: 0 },
        },
        { kernel: 1, pad: 0, groups: 1, shuffle: 1, dropout: 0, isQuantized: false },
      ],
    });
  });

  test.each(architectureNames)("and %s with all of it filled in describes itself", (arch) => {
    const complete = readDescription(builtInNets[arch]);
    expect(readDescription(complete)).toStrictEqual(complete);
  });

  test("what is given stays", () => {
    const given = { pad: 0, groups: 4, shuffle: 2, isQuantized: false, dropout: 0.25 };
    const { convs } = specOf(three(given));
    expect(convs[1]).toEqual({ width: 12, kernel: 3, ...given });
  });

  test("the spec is plain data that its own schema reads back", () => {
    const spec = specOf(three({ pool: { kind: "average", size: 3, pad: 1 } }));
    expect(chainSpecSchema.parse(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
  });
});

describe("widths", () => {
  test("are scaled to multiples that the groups divide", () => {
    expect(scaledWidths(three({ groups: 4 }), 0.3)).toEqual([4, 4]);
  });

  test("can be given, and are checked against the groups", () => {
    expect(specOf(three({ groups: 4 }), [4, 8]).convs.map(({ width }) => width)).toEqual([
      4, 8, 10,
    ]);
    expect(refusal(() => specOf(three({ groups: 4 }), [6, 8])).message).toMatch(
      /width 1 is 6, but must be a multiple of 4/,
    );
  });
});

describe("a description is refused with the field", () => {
  test.each([
    [three({ widht: 3 }), 'convs[1]: there is no field "widht"; the fields are width, kernel,'],
    [
      three({}, { layers: 3 }),
      'there is no field "layers"; the fields are name, order, norm, convs',
    ],
    [
      three({ groups: "two" }),
      'convs[1].groups: expected a whole number from 1 to 65536, not "two"',
    ],
    [three({ groups: 0 }), "convs[1].groups: expected a whole number from 1 to 65536, not 0"],
    [
      three({ width: 1e9 }),
      "convs[1].width: expected a whole number from 1 to 65536, not 1000000000",
    ],
    [
      three({ width: undefined }),
      "convs[1].width: is missing (only the last convolution has none)",
    ],
    [
      three({ kernel: undefined }),
      "convs[1].kernel: expected a whole number from 1 to 31 (it is missing)",
    ],
    [three({ kernel: 2.5 }), "convs[1].kernel: expected a whole number from 1 to 31, not 2.5"],
    [three({ kernel: 4 }), "convs[1].pad: is missing, and an even kernel (4) has no default"],
    [three({ isQuantized: "yes" }), 'convs[1].isQuantized: expected true or false, not "yes"'],
    [
      three({ dropout: 1 }),
      "convs[1].dropout: expected a fraction of at least 0 and below 1, not 1",
    ],
    [three({ pool: null }), "convs[1].pool: expected an object, not null"],
    [
      three({ pool: { kind: "min", size: 2 } }),
      'convs[1].pool.kind: expected "max" or "average", not "min"',
    ],
    [
      three({ pool: { kind: "max" } }),
      "convs[1].pool.size: expected a whole number from 1 to 15 (it is missing)",
    ],
    [three({}, { norm: { epsilon: 0 } }), "norm.epsilon: expected a number from 1e-12 to 1, not 0"],
    [
      three({}, { norm: { minGamma: [] } }),
      "norm.minGamma: expected a number from 0 to 1, not a list",
    ],
    [
      three({}, { order: "activation" }),
      'order: expected "conv-norm-activation" or "norm-activation-conv", not "activation"',
    ],
    [three({}, { name: "a/b" }), 'name: expected 1 to 64 letters, digits, - and _, not "a/b"'],
    [
      three({}, { name: undefined }),
      "name: expected 1 to 64 letters, digits, - and _ (it is missing)",
    ],
    [three({}, { convs: {} }), "convs: expected a list of convolutions, not an object"],
    [three({}, { convs: [{ kernel: 1 }] }), "convs: expected 2 to 1000 convolutions, not 1"],
    [
      three(
        {},
        {
          convs: [
            { width: 1, kernel: 1 },
            { width: 9, kernel: 1 },
          ],
        },
      ),
      "convs[1].width: must be left out",
    ],
    [7, "expected an object, not 7"],
    [["__proto__"], "expected an object, not a list"],
    [JSON.parse('{"name":"x","convs":[],"__proto__":1}'), 'there is no field "__proto__"'],
  ] as [unknown, string][])("%#: %s", (description, message) => {
    const error = refusal(() => readDescription(description, "my.json"));
    expect(error.message).toContain(`my.json: ${message}`);
    expect(error.kind).toBe("usage");
    expect(error.hint).toContain("docs/custom-architectures.md");
  });

  test("all of them at once, but no more than ten", () => {
    const convs = Array.from({ length: 30 }, () => ({ kernel: "x" }));
    const { message } = refusal(() => readDescription({ name: "", convs }));
    expect(message.split("\n")).toHaveLength(11);
    expect(message).toMatch(/and 21 more$/);
  });

  test("however long or deep the value is", () => {
    let deep: unknown = [];
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    expect(refusal(() => readDescription(three({ groups: deep }))).message).toContain("not a list");
    const long = "x".repeat(1e6);
    expect(refusal(() => readDescription(three({}, { [long]: long }))).message.length).toBeLessThan(
      500,
    );
    expect(refusal(() => readDescription(three({}, { name: long }))).message.length).toBeLessThan(
      500,
    );
  });
});

describe("the name of a built-in net", () => {
  const { convs } = builtInNets.nin;

  test("may be kept by the same chain of other widths", () => {
    const narrow = convs.map((conv) => ("width" in conv ? { ...conv, width: 8 } : conv));
    expect(specOf({ name: "nin", convs: narrow }).convs[0]?.width).toBe(8);
  });

  test("is refused for another chain, with what differs", () => {
    const error = refusal(() => specOf({ name: "nin", convs: convs.slice(1) }));
    expect(error.message).toMatch(
      /nin is a built-in net with a different chain \(its number of convolutions is 9, not 8\)/,
    );
    expect(error.kind).toBe("usage");
  });
});

describe("two chains", () => {
  const difference = (change: object, more: object = {}) =>
    chainDifference(readDescription(three({})), readDescription(three(change, more)));

  test("do not differ by name and widths", () => {
    expect(difference({ width: 99 }, { name: "other" })).toBeUndefined();
  });

  test.each([
    [{ kernel: 5 }, {}, "kernel of convolution 1 is 3, not 5"],
    [{ groups: 2 }, {}, "groups of convolution 1 is 1, not 2"],
    [{ isQuantized: false }, {}, "isQuantized of convolution 1 is true, not false"],
    [
      { pool: { kind: "max", size: 2 } },
      {},
      "pool of convolution 1 is none, not max 2, stride 2, pad 0",
    ],
    [{}, { norm: { epsilon: 1e-3 } }, "epsilon is 0.00001, not 0.001"],
    [
      {},
      { order: "norm-activation-conv" },
      "order is conv-norm-activation, not norm-activation-conv",
    ],
  ])("that differ by %j %j are distinguished", (change, more, words) => {
    expect(difference(change, more)).toBe(words);
  });
});

describe("an inconsistent chain is refused, naming the convolution", () => {
  test.each([
    [{ groups: 5 }, "convolution 1 has 5 groups, which do not divide its 8 inputs and 12 outputs"],
    [{ shuffle: 3 }, "convolution 1 shuffles 8 channels by 3"],
    [{ pad: 3 }, "convolution 1 pads by 3, which must be less than its kernel of 3"],
    [{ pool: { kind: "max", size: 3, pad: 2 } }, "convolution 1 has a pool of 3 padded by 2"],
    [{ kernel: 31, pad: 0, pool: { kind: "max", size: 4 } }, "after convolution 1 nothing is left"],
  ])("%j", (change, message) => {
    const error = refusal(() => specOf(three(change)));
    expect(error.message).toContain(`three: the net is not consistent: ${message}`);
    expect(error.kind).toBe("usage");
    expect(error.hint).toBeDefined();
  });

  test.each([
    [{ shuffle: 3 }, "convolution 0 shuffles by 3, but its input is the image"],
    [{ dropout: 0.5 }, "convolution 0 has a dropout of 0.5, but its input is the image"],
    [{ groups: 2 }, "convolution 0 has 2 groups, which do not divide its 3 inputs and 8 outputs"],
  ])("%j before the image", (change, message) => {
    const convs = [{ width: 8, kernel: 3, ...change }, { kernel: 1 }];
    expect(refusal(() => specOf({ name: "front", convs })).message).toContain(message);
  });

  test("however much memory it asks for", () => {
    const wide = { width: 65_536, kernel: 1, pool: { kind: "max", size: 15, pad: 7 } } as const;
    const heavy = [{ width: 8, kernel: 1, pool: wide.pool }, wide, wide, { kernel: 1 }];
    expect(refusal(() => specOf({ name: "heavy", convs: heavy })).message).toMatch(
      /up to convolution 2 it has 4295622688 parameters \(at most 268435456\)/,
    );
    const tall = [{ width: 65_536, kernel: 1 }, { kernel: 1 }];
    expect(refusal(() => specOf({ name: "tall", convs: tall })).message).toMatch(
      /up to convolution 0 it has 67108864 outputs per image/,
    );
  });
});
