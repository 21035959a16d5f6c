import { expect, test } from "vitest";
import type { Graph } from "../../src/graph/graph.js";
import { createGraphBuilder, type GraphBuilder } from "../../src/graph/graph-builder.js";
import type { Model } from "../../src/graph/model.js";
import { foldAffines } from "../../src/ptq/fold-affines.js";
import { foldedModel } from "../../src/ptq/prepare-model.js";
import { withShufflesLast } from "../../src/ptq/shuffle-last.js";
import { interpret } from "../graph/interpret.js";
import { randomImage, randomModel } from "../graph/random-model.js";

const graphOf = (build: (g: GraphBuilder) => string): Graph => {
  const g = createGraphBuilder({ height: 6, width: 5, channels: 3 });
  return g.finish(build(g));
};

const outputOf = (model: Model): Float64Array => {
  const output = interpret(model, randomImage(model.graph, 4)).get("logits");
  if (!output) throw new Error("no output");
  return output;
};

/** The tensors of a scale and shift that all channels share. */
const withUniform = (model: Model, name: string): Model => {
  const weights = new Map(model.weights);
  for (const [suffix, number] of Object.entries({ scale: 0.75, threshold: -0.5 })) {
    const tensor = weights.get(`${name}.${suffix}`);
    if (tensor?.kind !== "float") throw new Error(`${name}.${suffix}`);
    weights.set(`${name}.${suffix}`, { ...tensor, values: tensor.values.map(() => number) });
  }
  return { graph: model.graph, weights };
};

const kindsOf = ({ graph }: Model): string[] => graph.nodes.map(({ kind }) => kind);

/** Expects that a pass changes outputs by no more than the rounding of folded weights to float32. */
const expectSame = (before: Model, after: Model): void => {
  const values = outputOf(after);
  const expected = outputOf(before);
  expect(values.length).toBe(expected.length);
  for (const [at, value] of expected.entries()) expect(values[at]).toBeCloseTo(value, 4);
};

test("a scale and shift after a layer is folded into its filters and bias", () => {
  const model = randomModel(
    graphOf((g) => {
      const conv = g.conv("one", g.images, { filters: 4, kernel: 3, padding: 1, hasBias: true });
      const first = g.affine("second", g.affine("first", conv));
      return g.dense("classes", g.globalPool(g.relu(first)), { features: 2 });
    }),
    3,
  );
  const folded = foldAffines(model);
  expect(kindsOf(folded)).not.toContain("affine");
  expect([...folded.weights.keys()].filter((name) => name.includes("threshold"))).toEqual([]);
  expectSame(model, folded);
});

test("a layer that something else reads too is left alone", () => {
  const model = randomModel(
    graphOf((g) => {
      const conv = g.conv("one", g.images, { filters: 4, kernel: 3, padding: 1 });
      return g.add(g.affine("scaled", conv), conv);
    }),
    3,
  );
  expect(kindsOf(foldAffines(model))).toEqual(kindsOf(model));
});

const afterActivation = (padding: number) =>
  graphOf((g) => {
    const conv = g.conv("one", g.images, { filters: 4, kernel: 3, padding: 1 });
    const scaled = g.affine("scaled", g.activation(conv, { function: "hardSwish" }));
    const [left, right] = ["left", "right"].map((name) =>
      g.conv(name, scaled, { filters: 4, kernel: 3, padding }),
    );
    return g.add(left as string, right as string);
  });

test("one scale and shift of all channels after an activation is folded into all layers that read it", () => {
  const model = withUniform(randomModel(afterActivation(0), 5), "scaled");
  const folded = foldAffines(model);
  expect(kindsOf(folded)).not.toContain("affine");
  expectSame(model, folded);
});

test("it becomes a depthwise convolution if scales differ, or a layer that reads it has padding", () => {
  const padded = withUniform(randomModel(afterActivation(1), 5), "scaled");
  const different = randomModel(afterActivation(0), 5);
  for (const model of [padded, different]) {
    expect(kindsOf(foldAffines(model))).toContain("affine");
    const prepared = foldedModel(model);
    const scaled = prepared.graph.nodes.find(({ name }) => name === "scaled");
    expect(scaled).toMatchObject({ kind: "conv", groups: 4, kernel: [1, 1] });
    expectSame(model, prepared);
  }
});

test("a ReLU and a scale and shift after a pixel shuffle are computed before it, a sigmoid is not", () => {
  const model = randomModel(
    graphOf((g) => {
      const conv = g.conv("one", g.images, { filters: 8, kernel: 1 });
      const wide = g.relu(g.affine("scaled", g.pixelShuffle(conv, 2)));
      const small = g.conv("two", wide, { filters: 4, kernel: 1 });
      return g.activation(g.pixelShuffle(small, 2), { function: "sigmoid" });
    }),
    6,
  );
  const moved = withShufflesLast(model);
  const order = ["conv", "affine", "activation", "pixelShuffle"];
  expect(kindsOf(moved)).toEqual([...order, "conv", "pixelShuffle", "activation"]);
  expectSame(model, moved);
});

test("norms after transposed convolutions, which are pixel shuffles, are folded into the convolutions", () => {
  const model = randomModel(
    graphOf((g) => {
      const wide = g.pixelShuffle(g.conv("one", g.images, { filters: 8, kernel: 1 }), 2);
      return g.relu(g.batchNorm("norm", g.affine("bias", wide)));
    }),
    7,
  );
  const prepared = foldedModel(model);
  expect(kindsOf(prepared)).toEqual(["conv", "activation", "pixelShuffle"]);
  expectSame(model, prepared);
});
