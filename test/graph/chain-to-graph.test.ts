import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { weightsState } from "../../src/checkpoint/tensors/net-weights.js";
import { parseGraph, readGraph } from "../../src/graph/check-graph.js";
import { graphCost, macsOf } from "../../src/graph/cost.js";
import { nodesInGraph, parametersOf, shapesOf } from "../../src/graph/graph.js";
import { architectureNames } from "../../src/models/chains/built-in-chain.js";
import { convMacs, netCost } from "../../src/models/chains/chain-cost.js";
import { extendBy, startExtent } from "../../src/models/chains/chain-extent.js";
import { type ChainSpec, inputChannels } from "../../src/models/chains/chain-spec.js";
import { chainToGraph, keepsInputAffine } from "../../src/models/chains/chain-to-graph.js";
import { kernelShape } from "../../src/models/chains/kernel-shape.js";
import { stateNames } from "../../src/models/chains/state-names.js";
import { randomWeights } from "../models/random-weights.js";
import { smallSpec } from "../models/small-spec.js";
import { randomChain } from "./random-chains.js";

/** Names and shapes of a graph's tensors that every file has. */
const tensorsOf = (spec: ChainSpec): string[] =>
  nodesInGraph(chainToGraph(spec)).flatMap((placed) =>
    parametersOf(placed)
      .filter(({ role }) => role !== "kernelScale")
      .map(({ suffix, shape }) => `${placed.node.name}.${suffix} [${shape}]`),
  );

/** The same of a merged chain: each convolution with its bias, after the norm that remains before it. */
const mergedTensors = (spec: ChainSpec): string[] =>
  stateNames(spec).flatMap(({ conv, norm }, index) => [
    ...(keepsInputAffine(spec, index)
      ? ["scale", "threshold"].map((what) => `${norm}.${what} [${inputChannels(spec, index)}]`)
      : []),
    `${conv}.weight [${kernelShape(spec, index)}]`,
    `${conv}.bias [${spec.convs[index]?.width}]`,
  ]);

/** The same of the chain's own state dict. */
const expectedTensors = (spec: ChainSpec): string[] =>
  spec.form === "merged"
    ? mergedTensors(spec)
    : [...weightsState(spec, randomWeights(spec, 1))].map(
        ([name, { shape }]) => `${name} [${shape}]`,
      );

const checkChain = (spec: ChainSpec): void => {
  const graph = readGraph(JSON.parse(JSON.stringify(chainToGraph(spec))), "the chain");
  expect(graph).toEqual(chainToGraph(spec));
  expect(tensorsOf(spec)).toEqual(expectedTensors(spec));
  if (spec.form !== "merged") expect(graphCost(graph)).toEqual(netCost(spec));
  const macs = nodesInGraph(graph)
    .filter(({ node }) => node.kind === "conv")
    .map(macsOf);
  expect(macs).toEqual(convMacs(spec));
  const end = spec.convs.reduce(
    (extent, _, index) => extendBy(spec, index, extent),
    startExtent(spec),
  );
  const shapes = [...shapesOf(graph).values()];
  expect(shapes.at(-2)).toEqual([...end.sides, spec.classes]);
  expect(shapes.at(-1)).toEqual([spec.classes]);
};

describe("the graph of a chain", () => {
  test.each(architectureNames)("%s has the chain's tensors, shapes and costs", (arch) => {
    for (const form of ["trainable", "baked", "merged"] as const)
      checkChain({ ...smallSpec(arch), form });
  });

  test("so has any other chain", () => {
    fc.assert(fc.property(randomChain, checkChain), { numRuns: 200, seed: 18 });
  });
});

describe("graphs from outside", () => {
  const graph = chainToGraph(smallSpec("nin"));
  const changed = (change: (nodes: { [key: string]: unknown }[]) => void): unknown => {
    const copy = JSON.parse(JSON.stringify(graph));
    change(copy.nodes);
    return copy;
  };
  const problem = (raw: unknown): string => {
    try {
      readGraph(raw, "net.json");
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };

  test.each<[string, unknown, RegExp]>([
    [
      "a cycle",
      changed((nodes) => Object.assign(nodes[0] ?? {}, { inputs: ["tnn_bin.1"] })),
      /computed after it/,
    ],
    [
      "a dangling input",
      changed((nodes) => Object.assign(nodes[1] ?? {}, { inputs: ["gone"] })),
      /reads gone, which nothing computes/,
    ],
    [
      "a wrong arity",
      changed((nodes) => Object.assign(nodes[1] ?? {}, { inputs: [] })),
      /has 0 inputs, but batchNorm takes 1 input/,
    ],
    [
      "an unknown kind",
      changed((nodes) => Object.assign(nodes[2] ?? {}, { kind: "lstm" })),
      /nodes\.2: there is no kind "lstm"/,
    ],
    [
      "a missing kind",
      changed((nodes) => Object.assign(nodes[2] ?? {}, { kind: 7 })),
      /nodes\.2 has no kind/,
    ],
    [
      "two nodes of one name",
      changed((nodes) => Object.assign(nodes[1] ?? {}, { name: nodes[0]?.name })),
      /two nodes have the name tnn_bin\.0/,
    ],
    [
      "an unknown field",
      changed((nodes) => Object.assign(nodes[0] ?? {}, { colour: "red" })),
      /colour/,
    ],
    [
      "groups that do not divide",
      changed((nodes) => Object.assign(nodes[0] ?? {}, { groups: 2 })),
      /has 2 groups, which do not divide/,
    ],
    [
      "a name with a newline",
      changed((nodes) => Object.assign(nodes[0] ?? {}, { name: "a\nb" })),
      /name/,
    ],
    ["no graph", 7, /the graph is not valid/],
  ])("refuses %s", (_, raw, message) => {
    expect(problem(raw)).toMatch(message);
    expect(problem(raw)).toMatch(/^net\.json: /);
  });

  test("reads back what it writes", () => {
    expect(parseGraph(JSON.parse(JSON.stringify(graph)))).toEqual(graph);
  });
});
