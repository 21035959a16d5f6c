import { describe, expect, test } from "vitest";
import { coupleChannels } from "../../src/graph/channel-relation.js";
import {
  channelRelation,
  type Graph,
  type NodeInGraph,
  nodesInGraph,
  outputValue,
  shapesOf,
  type ValueId,
  valuesOf,
} from "../../src/graph/graph.js";
import type { Model, WeightValue } from "../../src/graph/model.js";
import { channelsOf, type Shape } from "../../src/graph/shape.js";
import { interpret } from "./interpret.js";
import { kindCases } from "./node-kinds.js";
import { randomImage, randomModel } from "./random-model.js";

/** The output channels of each group of a convolution for the input channels of that group. */
const mix = (
  { inputs: [x], outputs: [y] }: NodeInGraph,
  groups: number,
  couple: (from: number, to: number) => void,
): void => {
  const [inputs, outputs] = [channelsOf(x as Shape), channelsOf(y as Shape)];
  for (let from = 0; from < inputs; from++)
    for (let to = 0; to < outputs; to++)
      if (Math.floor((from * groups) / inputs) === Math.floor((to * groups) / outputs))
        couple(from, to);
};

/** Calls `reach` with the outputs of a node that depend on an input channel, by the relation of its kind. */
const reachFrom = (
  placed: NodeInGraph,
  reach: (input: number, from: number, output: number, to: number) => void,
): void => {
  const relation = channelRelation(placed);
  const { inputs, outputs } = placed;
  if (relation.kind === "mixes") mix(placed, relation.groups, (from, to) => reach(0, from, 0, to));
  else if (relation.kind === "fixed") mix(placed, 1, (from, to) => reach(0, from, 0, to));
  else
    coupleChannels(
      relation,
      { inputs: inputs.map(channelsOf), outputs: outputs.map(channelsOf) },
      reach,
    );
};

/** The channels of the output that depend on a channel of the image, by the relations of all nodes. */
const related = (graph: Graph, channel: number): Set<number> => {
  const reached = new Map<ValueId, Set<number>>([["images", new Set([channel])]]);
  for (const placed of nodesInGraph(graph)) {
    const values = valuesOf(placed.node);
    reachFrom(placed, (input, from, output, to) => {
      if (!reached.get(placed.node.inputs[input] ?? "")?.has(from)) return;
      const value = values[output] ?? "";
      reached.set(value, (reached.get(value) ?? new Set()).add(to));
    });
  }
  return reached.get(outputValue(graph)) ?? new Set();
};

/** A model whose gammas let all channels through. */
const withoutZeros = ({ graph, weights }: Model): Model => ({
  graph,
  weights: new Map(
    [...weights].map(([name, weight]): [string, WeightValue] => [
      name,
      weight.kind === "float"
        ? { ...weight, values: weight.values.map((value) => value || 1) }
        : weight,
    ]),
  ),
});

/** The channels of the output that change with a channel of some images. */
const changing = (graph: Graph, channel: number): Set<number> => {
  const model = withoutZeros(randomModel(graph, 5));
  const width = channelsOf(graph.inputs[0]?.shape ?? [1]);
  const outputs = channelsOf(shapesOf(graph).get(outputValue(graph)) ?? [1]);
  const changed = new Set<number>();
  for (let seed = 0; seed < 8; seed++) {
    const image = randomImage(graph, seed).map((value) => 8 * value);
    const other = image.map((value, index) => (index % width === channel ? -2 * value : value));
    const [one, two] = [image, other].map((each) => interpret(model, each).get("logits") ?? []);
    for (const [index, value] of (one ?? []).entries())
      if (value !== two?.[index]) changed.add(index % outputs);
  }
  return changed;
};

const ascending = (channels: Set<number>): number[] => [...channels].sort((a, b) => a - b);

describe("the channel relation of a kind is what its node computes:", () => {
  test.each(kindCases.map(({ name, graph }) => [name, graph] as const))("%s", (_, graph) => {
    const channels = channelsOf(graph.inputs[0]?.shape ?? []);
    for (let channel = 0; channel < channels; channel++)
      expect(ascending(related(graph, channel))).toEqual(ascending(changing(graph, channel)));
  });
});
