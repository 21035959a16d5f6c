import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { graphCost } from "../../src/graph/cost.js";
import { type Graph, nodesInGraph, parametersOf, shapesOf } from "../../src/graph/graph.js";
import { graphFromDescription } from "../../src/models/descriptions/graph-from-description.js";
import {
  readAnyDescription,
  readGraphDescription,
} from "../../src/models/descriptions/read-graph-description.js";

const example = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../examples/nets/${name}.json`, import.meta.url), "utf8"));

const IMAGE = { height: 32, width: 32, channels: 3 };
const graphOf = (raw: unknown, where = "my.json"): Graph =>
  graphFromDescription({
    description: readGraphDescription(raw, where),
    classes: 10,
    image: IMAGE,
    where,
  });

const refusal = (act: () => unknown): QpruneError => {
  try {
    act();
  } catch (error) {
    if (error instanceof QpruneError) return error;
    throw error;
  }
  throw new Error("was not refused");
};

const END = [{ kind: "globalPool" }, { kind: "dense", features: "classes" }];
/** A net of the given nodes, between a convolution of 8 filters and the last layers. */
const around = (...nodes: readonly object[]) => ({
  name: "around",
  nodes: [{ kind: "conv", name: "first", filters: 8, kernel: 3 }, ...nodes, ...END],
});
/** The second node of the graph of a net with one more node. */
const second = (node: object): unknown => graphOf(around(node)).nodes[1];

describe("the example", () => {
  const shapes = (graph: Graph): unknown => [...shapesOf(graph).entries()];

  test("residual.json adds the input of a block to its output", () => {
    const graph = graphOf(example("residual"));
    const adds = graph.nodes.filter(({ kind }) => kind === "add");
    expect(adds.map(({ inputs }) => inputs)).toEqual([
      ["block1", "stem"],
      ["block2", "shortcut2"],
    ]);
    expect(shapes(graph)).toContainEqual(["shortcut2", [16, 16, 64]]);
    expect(graph.outputs).toEqual([{ name: "logits", value: "dense1" }]);
  });

  test("depthwise.json filters each channel by itself", () => {
    const graph = graphOf(example("depthwise"));
    const kernels = nodesInGraph(graph).flatMap((placed) =>
      placed.node.kind === "conv" ? [parametersOf(placed)[0]?.shape] : [],
    );
    expect(kernels[1]).toEqual([32, 1, 3, 3]);
    expect(kernels[3]).toEqual([64, 1, 5, 5]);
    expect(graphCost(graph).parameters).toBe(14_922);
  });
});

describe("what is left out of a node", () => {
  test("gets its default", () => {
    expect(second({ kind: "conv", filters: 4, kernel: 5 })).toMatchObject({
      name: "conv1",
      inputs: ["first"],
      padding: [2, 2, 2, 2],
      stride: [1, 1],
      groups: 1,
      hasBias: true,
    });
    expect(second({ kind: "maxPool", kernel: [2, 3] })).toMatchObject({
      stride: [2, 3],
      padding: [0, 0, 0, 0],
      roundsUp: false,
    });
    expect(second({ kind: "activation" })).toMatchObject({ function: "relu" });
    expect(second({ kind: "activation", function: "leakyRelu" })).toMatchObject({ slope: 0.01 });
    expect(second({ kind: "dropout" })).toMatchObject({ rate: 0.5 });
  });

  test("a convolution before a batch norm has no bias", () => {
    const graph = graphOf(around({ kind: "conv", filters: 4, kernel: 1 }, { kind: "batchNorm" }));
    expect(graph.nodes[0]).toMatchObject({ hasBias: true });
    expect(graph.nodes[1]).toMatchObject({ hasBias: false });
  });

  test("what is given stays", () => {
    const given = { filters: 4, kernel: [3, 5], stride: 2, padding: [1, 2], hasBias: false };
    expect(second({ kind: "conv", name: "a.b/c-d", ...given })).toMatchObject({
      name: "a.b/c-d",
      kernel: [3, 5],
      stride: [2, 2],
      padding: [1, 2, 1, 2],
      hasBias: false,
    });
    expect(
      second({ kind: "conv", filters: 4, kernel: 3, stride: 2, padding: "same" }),
    ).toMatchObject({ padding: [0, 0, 1, 1] });
    expect(second({ kind: "conv", filters: 4, kernel: 3, dilation: 2 })).toMatchObject({
      padding: [2, 2, 2, 2],
    });
  });

  test('"classes" means one filter or feature per class', () => {
    const graph = graphOf({
      name: "all-conv",
      nodes: [{ kind: "conv", filters: "classes", kernel: 1 }, { kind: "globalPool" }],
    });
    expect(shapesOf(graph).get("globalPool1")).toEqual([10]);
  });
});

describe("every kind of node", () => {
  test.each([
    { kind: "prelu" },
    { kind: "averagePool", kernel: 2, countsPadding: false },
    { kind: "globalPool", function: "max", keepsMaps: true },
    { kind: "concat", inputs: ["first", "images"] },
    { kind: "multiply", inputs: ["first", "first"] },
    { kind: "shuffle", groups: 4 },
    { kind: "pad", padding: 1, channels: [0, 4], value: -1 },
    { kind: "resize", height: 8, width: 9, method: "bilinear", alignsCorners: true },
    { kind: "reshape", shape: [16, 16, 32] },
    { kind: "batchNorm", epsilon: 1e-3, newStatWeight: 0.01, hasAffine: false },
  ])("$kind is read", (node) => {
    expect(second(node)).toMatchObject({ kind: node.kind });
  });

  test("split has outputs that are read by number", () => {
    const graph = graphOf(
      around(
        { kind: "split", name: "halves", sizes: [4, 4] },
        { kind: "activation", inputs: "halves:1", name: "right" },
        { kind: "concat", inputs: ["right", "halves:0"] },
      ),
    );
    expect(shapesOf(graph).get("concat1")).toEqual([32, 32, 8]);
  });

  test("flatten makes vectors for dense layers", () => {
    const nodes = [{ kind: "flatten" }, { kind: "dense", features: "classes" }];
    expect(shapesOf(graphOf({ name: "flat", nodes })).get("flatten1")).toEqual([3072]);
  });
});

describe("a description is refused with the field", () => {
  test.each([
    [
      around({ kind: "cnv" }),
      'nodes[1].kind: there is no kind "cnv"; the kinds are activation, add,',
    ],
    [around({ filters: 3 }), "nodes[1].kind: expected a kind; the kinds are"],
    [around([]), "nodes[1]: expected a node as an object, not a list"],
    [
      around({ kind: "conv", filter: 3, filters: 3, kernel: 1 }),
      'nodes[1]: there is no field "filter"; the fields are kind, name, inputs, filters, kernel,',
    ],
    [
      around({ kind: "conv", filters: "many", kernel: 1 }),
      'nodes[1].filters: expected "classes" or a whole number from 1 to 65536, not "many"',
    ],
    [
      around({ kind: "conv", filters: 3 }),
      "nodes[1].kernel: expected a whole number from 1 to 31, or a list of 2 such numbers (it is missing)",
    ],
    [
      around({ kind: "conv", filters: 3, kernel: [3, 3, 3] }),
      "nodes[1].kernel: expected a whole number from 1 to 31, or a list of 2 such numbers, not a list",
    ],
    [
      around({ kind: "conv", filters: 3, kernel: 2 }),
      "nodes[1].padding: is missing, and an even kernel (2x2) has no default",
    ],
    [
      around({ kind: "conv", filters: 3, kernel: 3, padding: "valid" }),
      'nodes[1].padding: expected "same", or a whole number from 0 to 31, or a list of 2 or 4 such numbers, not "valid"',
    ],
    [
      around({ kind: "activation", function: "tanh" }),
      'nodes[1].function: expected "relu" or "relu6" or',
    ],
    [
      around({ kind: "activation", slope: 0.1 }),
      "nodes[1].slope: is only for the function leakyRelu, not for relu",
    ],
    [
      around({ kind: "add" }),
      "nodes[1].inputs: expected the name of a node or input, or a list of 1 to 1024 of them (it is missing)",
    ],
    [
      around({ kind: "activation", inputs: 3 }),
      "nodes[1].inputs: expected the name of a node or input, or a list of 1 to 1024 of them, not 3",
    ],
    [
      around({ kind: "activation", name: "a b" }),
      'nodes[1].name: expected 1 to 200 letters, digits, and characters of _ . / -, not "a b"',
    ],
    [
      around({ kind: "dropout", rate: 1 }),
      "nodes[1].rate: expected a fraction of at least 0 and below 1, not 1",
    ],
    [
      around({ kind: "reshape", shape: [1, 2] }),
      "nodes[1].shape: expected [features] or [height, width, channels]",
    ],
    [{ name: "none", nodes: [] }, "nodes: expected 1 to 10000 nodes, not 0"],
    [{ nodes: END }, "name: expected 1 to 64 letters, digits, - and _ (it is missing)"],
    [
      { name: "both", nodes: END, convs: [] },
      'there is no field "convs"; the fields are name, nodes',
    ],
    [7, "expected an object, not 7"],
  ] as [unknown, string][])("%#: %s", (raw, message) => {
    const error = refusal(() => readGraphDescription(raw, "my.json"));
    expect(error.message).toContain(`my.json: ${message}`);
    expect(error.kind).toBe("usage");
    expect(error.hint).toContain("docs/custom-architectures.md");
  });

  test("all of them at once, but no more than ten", () => {
    const nodes = Array.from({ length: 30 }, () => ({ kind: "conv", kernel: "x" }));
    const { message } = refusal(() => readGraphDescription({ name: "bad", nodes }));
    expect(message.split("\n")).toHaveLength(11);
    expect(message).toMatch(/and 50 more$/);
  });

  test.each(["resnet18", "mobilenet_v2", "nin"])(
    "the name of the built-in net %s is taken",
    (name) => {
      const error = refusal(() => readGraphDescription({ ...around(), name }, "my.json"));
      expect(error.message).toContain(`name: ${name} is a built-in net`);
    },
  );
});

describe("a graph that does not fit is refused with the node", () => {
  test.each([
    [
      around({ kind: "conv", name: "second", filters: 9, kernel: 3, groups: 3 }),
      "node second has 3 groups, which do not divide its 8 inputs and 9 outputs",
    ],
    [around({ kind: "add", inputs: ["first", "images"] }), "node add1 adds 32x32x8 and 32x32x3"],
    [
      around({ kind: "activation", inputs: "gone" }),
      "node relu1 reads gone, which nothing computes",
    ],
    [
      around({ kind: "activation", inputs: "late" }, { kind: "dropout", name: "late" }),
      "node relu1 reads late, which is computed after it",
    ],
    [
      around({ kind: "activation", name: "unread" }, { kind: "activation", inputs: "first" }),
      "nothing reads the output of node unread",
    ],
    [
      around({ kind: "dropout", name: "first" }),
      "node first has the name of another node or input",
    ],
    [
      around({ kind: "dropout", name: "images" }),
      "node images has the name of another node or input",
    ],
    [
      around({ kind: "add", inputs: "first" }),
      "node add1 has 1 input, but add takes 2 to 1024 inputs",
    ],
    [
      around({ kind: "split", sizes: [4, 4] }, { kind: "activation" }),
      "nodes[2].inputs: must be given, since the node before it has 2 outputs",
    ],
    [
      { name: "maps", nodes: [{ kind: "conv", filters: "classes", kernel: 1 }] },
      "the last node computes 32x32x10; expected a vector of 10, one number per class",
    ],
    [
      around({ kind: "conv", filters: 65_536, kernel: 31 }),
      "node conv1 needs 503906528 parameters with all before it",
    ],
  ] as [unknown, string][])("%#: %s", (raw, message) => {
    const error = refusal(() => graphOf(raw));
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/^my\.json: /);
    expect(error.kind).toBe("usage");
    expect(error.hint).toBeDefined();
  });
});

describe("a description of either form", () => {
  test("is recognized by its nodes", () => {
    expect("nodes" in readAnyDescription(example("residual"))).toBe(true);
    expect("convs" in readAnyDescription(example("vgg"))).toBe(true);
    expect(refusal(() => readAnyDescription({ name: "neither" })).message).toMatch(
      /convs: expected/,
    );
  });
});
