import { z } from "zod";
import type { ChannelRelation } from "./channel-relation.js";
import { activation, prelu, quantize, softmax } from "./kinds/activations.js";
import { conv, dense } from "./kinds/convolutions.js";
import { add, concat, multiply, split } from "./kinds/joins.js";
import { count, type KindFacts, nodeName, type ParameterFacts, valueId } from "./kinds/kind.js";
import { affine, batchNorm } from "./kinds/norms.js";
import { averagePool, globalPool, maxPool } from "./kinds/pools.js";
import {
  dropout,
  flatten,
  pad,
  pixelShuffle,
  reshape,
  resize,
  shuffle,
} from "./kinds/rearrangements.js";
import { MAX_IMAGE_SIDE, MAX_LEVELS } from "./limits.js";
import type { MapShape, Shape } from "./shape.js";

/** All kinds of nodes with their facts. A table over {@link NodeKind} that lacks a kind does not compile. */
export const nodeKinds = {
  activation,
  add,
  affine,
  averagePool,
  batchNorm,
  concat,
  conv,
  dense,
  dropout,
  flatten,
  globalPool,
  maxPool,
  multiply,
  pad,
  pixelShuffle,
  prelu,
  quantize,
  reshape,
  resize,
  shuffle,
  softmax,
  split,
} as const;

export type NodeKind = keyof typeof nodeKinds;
/** The nodes of one or several kinds. */
export type NodeOf<K extends NodeKind> = {
  [P in K]: (typeof nodeKinds)[P] extends KindFacts<infer N> ? N : never;
}[K];
export type Node = NodeOf<NodeKind>;
/** The name of a graph's input, of a node with one output, or `NAME:INDEX` for one of several outputs. */
export type ValueId = string;

const side = count.max(MAX_IMAGE_SIDE);

/** The pyramid of a detector. */
const boxOutputSchema = z.strictObject({
  /** Pixels of the image per position of each level's maps. */
  strides: z.array(side).min(1).max(MAX_LEVELS).readonly(),
});

export type BoxOutput = z.output<typeof boxOutputSchema>;

const anyNode = z.custom<Node>((value) => typeof value === "object" && value !== null);

/** The frame of a graph; nodes are parsed by the schema of their kind. */
export const graphSchema = z.strictObject({
  inputs: z
    .array(z.strictObject({ name: nodeName, shape: z.tuple([side, side, count]).readonly() }))
    .length(1)
    .readonly(),
  nodes: z.array(anyNode).min(1).readonly(),
  outputs: z
    .array(
      z.strictObject({
        name: nodeName,
        value: valueId,
        /** The boxes that a detector's output describes (see boxLayoutOf); absent from the logits of a classifier. */
        boxes: boxOutputSchema.optional(),
      }),
    )
    .min(1)
    .readonly(),
});

/**
 * A net as plain data: nodes in an order in which each comes after those whose outputs it reads. Build it with a
 * GraphBuilder, or parse it with readGraph.
 */
export type Graph = z.output<typeof graphSchema>;

/** The facts of a node's kind. */
export const factsOf = <N extends Node>(node: N): KindFacts<N> =>
  // The table maps each kind to the facts of its own nodes, which TypeScript does not follow through the lookup.
  nodeKinds[node.kind] as unknown as KindFacts<N>;

/** The values that a node computes. */
export const valuesOf = (node: Node): readonly ValueId[] => {
  const outputs = factsOf(node).outputs?.(node) ?? 1;
  return outputs === 1
    ? [node.name]
    : Array.from({ length: outputs }, (_, index) => `${node.name}:${index}`);
};

const shapesByGraph = new WeakMap<Graph, ReadonlyMap<ValueId, Shape>>();

/** Stores the shapes of a graph's values, which checkGraph has computed. */
export const rememberShapes = (graph: Graph, shapes: ReadonlyMap<ValueId, Shape>): void => {
  shapesByGraph.set(graph, shapes);
};

/** The shapes of all values of a consistent graph. */
export const shapesOf = (graph: Graph): ReadonlyMap<ValueId, Shape> => {
  const known = shapesByGraph.get(graph);
  if (known) return known;
  const shapes = new Map<ValueId, Shape>(graph.inputs.map(({ name, shape }) => [name, shape]));
  for (const node of graph.nodes) {
    const outputs = factsOf(node).outputShapes(node, inputShapes(node, shapes));
    if (typeof outputs === "string") throw new Error(`${node.name} ${outputs}`);
    for (const [index, value] of valuesOf(node).entries())
      shapes.set(value, outputs[index] as Shape);
  }
  rememberShapes(graph, shapes);
  return shapes;
};

/** The shapes of a node's inputs. */
export const inputShapes = (node: Node, shapes: ReadonlyMap<ValueId, Shape>): readonly Shape[] =>
  node.inputs.map((value) => shapes.get(value) as Shape);

/** A node with the shapes around it. */
export interface NodeInGraph<N extends Node = Node> {
  readonly node: N;
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
}

/** The nodes of a graph with the shapes around them. */
export const nodesInGraph = (graph: Graph): NodeInGraph[] => {
  const shapes = shapesOf(graph);
  return graph.nodes.map((node) => ({
    node,
    inputs: inputShapes(node, shapes),
    outputs: valuesOf(node).map((value) => shapes.get(value) as Shape),
  }));
};

/** The tensors of a node, in PyTorch's order. */
export const parametersOf = ({ node, inputs }: NodeInGraph): readonly ParameterFacts[] =>
  factsOf(node).parameters?.(node, inputs) ?? [];

/** How the channels of a node's outputs follow from those of its inputs. */
export const channelRelation = ({ node, inputs, outputs }: NodeInGraph): ChannelRelation =>
  factsOf(node).channels(node, inputs, outputs);

/** Who reads a value: a node and the index among its inputs, or null for an output of the graph. */
export interface Consumer {
  readonly node: Node | null;
  readonly index: number;
}

/** The consumers of every value that has some. */
export const consumersOf = ({
  nodes,
  outputs,
}: Graph): ReadonlyMap<ValueId, readonly Consumer[]> => {
  const consumers = new Map<ValueId, Consumer[]>();
  const add = (value: ValueId, consumer: Consumer): void => {
    const known = consumers.get(value);
    if (known) known.push(consumer);
    else consumers.set(value, [consumer]);
  };
  for (const node of nodes)
    for (const [index, value] of node.inputs.entries()) add(value, { node, index });
  for (const [index, { value }] of outputs.entries()) add(value, { node: null, index });
  return consumers;
};

/** The shape of the images that a graph takes. */
export const imageShape = ({ inputs: [images] }: Graph): MapShape =>
  // The schema of graphs requires an input of this shape.
  (images as typeof images & object).shape;

/** The value that a graph with one output returns. */
export const outputValue = ({ outputs: [output] }: Graph): ValueId =>
  (output as typeof output & object).value;
