import { describe, expect, test } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { shapesOf } from "../../src/graph/graph.js";
import { createGraphBuilder } from "../../src/graph/graph-builder.js";

const build = (side = 8) => createGraphBuilder({ height: side, width: side, channels: 4 });

describe("a graph builder", () => {
  test("fills in PyTorch's defaults, without biases", () => {
    const g = build();
    const y = g.batchNorm("bn", g.conv("conv", g.images, { filters: 6, kernel: 3 }));
    expect(g.finish(g.maxPool(y, { kernel: 2 })).nodes).toEqual([
      {
        name: "conv",
        kind: "conv",
        inputs: ["images"],
        filters: 6,
        kernel: [3, 3],
        stride: [1, 1],
        padding: [0, 0, 0, 0],
        dilation: [1, 1],
        groups: 1,
        hasBias: false,
        quantizer: { kind: "float" },
        stored: "latent",
      },
      {
        name: "bn",
        kind: "batchNorm",
        inputs: ["conv"],
        hasAffine: true,
        epsilon: 1e-5,
        newStatWeight: 0.1,
        isGammaFixed: false,
        minGamma: null,
      },
      {
        name: "maxPool1",
        kind: "maxPool",
        inputs: ["bn"],
        kernel: [2, 2],
        stride: [2, 2],
        padding: [0, 0, 0, 0],
        roundsUp: false,
      },
    ]);
  });

  test("numbers nodes without names per module, past names that are taken", () => {
    const g = createGraphBuilder(
      { height: 4, width: 4, channels: 2 },
      { laterNames: ["relu2", "last"] },
    );
    const inner = g.within("block").within("0");
    const x = inner.relu(g.relu(g.relu(g.images)));
    const sum = inner.add(x, inner.relu6(x));
    const graph = g.finish(inner.within("deep").relu(sum));
    expect(graph.nodes.map(({ name }) => name)).toEqual([
      "relu1",
      "relu3",
      "block.0/relu1",
      "block.0/relu6_1",
      "block.0/add1",
      "block.0.deep/relu1",
    ]);
  });

  test("returns every output of a split", () => {
    const g = build();
    const [one, other] = g.split(g.images, [1, 3]) as [string, string];
    expect([g.shapeOf(one), g.shapeOf(other)]).toEqual([
      [8, 8, 1],
      [8, 8, 3],
    ]);
    expect(shapesOf(g.finish(g.concat(other, one))).get("concat1")).toEqual([8, 8, 4]);
  });

  test.each([
    [1, [1, 1, 1, 1]],
    [
      [1, 2],
      [1, 2, 1, 2],
    ],
    [
      [0, 1, 2, 1],
      [0, 1, 2, 1],
    ],
  ] as const)("reads the padding %j", (padding, expected) => {
    const g = build();
    const y = g.conv("conv", g.images, { filters: 1, kernel: 3, padding });
    expect(g.finish(y).nodes[0]).toMatchObject({ padding: expected });
  });

  // TensorFlow adds the odd row and column at the end.
  test.each([
    [{ kernel: 3, stride: 2 }, 8, [0, 0, 1, 1], 4],
    [{ kernel: 3, stride: 2 }, 7, [1, 1, 1, 1], 4],
    [{ kernel: 5, stride: 2 }, 8, [1, 1, 2, 2], 4],
    [{ kernel: 3, dilation: 2 }, 8, [2, 2, 2, 2], 8],
    [{ kernel: 1, stride: 2 }, 8, [0, 0, 0, 0], 4],
    [{ kernel: 2 }, 8, [0, 0, 1, 1], 8],
  ])(
    "pads %j on %d pixels so that the sides are divided by the stride",
    (window, side, padding, result) => {
      const g = build(side);
      const y = g.conv("conv", g.images, { filters: 1, ...window, padding: "same" });
      expect(g.shapeOf(y)).toEqual([result, result, 1]);
      expect(g.finish(y).nodes[0]).toMatchObject({ padding });
    },
  );

  test("pads channels, too", () => {
    const g = build();
    expect(g.shapeOf(g.pad(g.images, { channels: [1, 2], padding: [0, 3] }))).toEqual([8, 14, 7]);
  });
});

describe("a graph builder refuses", () => {
  const refusal = (act: () => unknown): QpruneError => {
    try {
      act();
    } catch (error) {
      if (error instanceof QpruneError) return error;
    }
    throw new Error("was not refused");
  };

  test("a node that does not fit, as soon as it is added", () => {
    const g = createGraphBuilder(
      { height: 8, width: 8, channels: 4 },
      { where: "my net", error: { kind: "usage", hint: "Change it." } },
    );
    const error = refusal(() => g.conv("conv", g.images, { filters: 2, kernel: 9 }));
    expect(error.message).toBe(
      "my net: the net is not consistent: node conv leaves nothing of a feature map of 8x8x4.",
    );
    expect([error.kind, error.hint]).toEqual(["usage", "Change it."]);
  });

  test("two nodes of one name", () => {
    const g = build();
    const x = g.conv("conv", g.images, { filters: 2, kernel: 1 });
    expect(refusal(() => g.conv("conv", x, { filters: 2, kernel: 1 })).message).toMatch(
      /node conv has the name of another node/,
    );
  });

  test("a node that reads a later one", () => {
    const g = createGraphBuilder({ height: 8, width: 8, channels: 4 }, { laterNames: ["end"] });
    expect(refusal(() => g.relu("end")).message).toMatch(
      /node relu1 reads end, which is computed after it/,
    );
    expect(refusal(() => g.relu("gone")).message).toMatch(/reads gone, which nothing computes/);
  });

  test("a graph in which nothing reads a node", () => {
    const g = build();
    g.relu(g.images);
    expect(refusal(() => g.finish(g.relu6(g.images))).message).toMatch(
      /nothing reads the output of node relu1/,
    );
  });
});
