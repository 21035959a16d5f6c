import {
  type Graph,
  imageShape,
  type Node,
  shapesOf,
  type ValueId,
  valuesOf,
} from "../../../graph/graph.js";
import { isMaps } from "../../../graph/shape.js";
import type { ArchitectureOptions, DefinedArchitecture } from "../define-architecture.js";

/** The part of a classifier that computes feature maps. */
export interface Backbone {
  readonly nodes: readonly Node[];
  /** The last value of each stride that was asked for, as far as the classifier has it. */
  readonly features: ReadonlyMap<number, ValueId>;
}

/** Nets for small images keep their resolution long; the first convolution of their backbones moves by two pixels. */
const SMALL_IMAGES = 32;

const withStrideTwo = (nodes: readonly Node[]): readonly Node[] => {
  const first = nodes.find(({ kind }) => kind === "conv");
  return nodes.map((node) =>
    node === first && node.kind === "conv" ? { ...node, stride: [2, 2] as const } : node,
  );
};

/** The last maps of a stride in a graph, which its later layers build on. */
const lastAt = (graph: Graph, stride: number): ValueId | undefined => {
  const [height, width] = imageShape(graph);
  const shapes = shapesOf(graph);
  const isAt = (value: ValueId): boolean => {
    const shape = shapes.get(value);
    if (!shape || !isMaps(shape)) return false;
    return shape[0] === Math.ceil(height / stride) && shape[1] === Math.ceil(width / stride);
  };
  // A classifier ends with a pool over all positions, whose maps would be those of a large stride.
  const end = graph.nodes.findIndex(({ kind }) =>
    ["globalPool", "flatten", "dense"].includes(kind),
  );
  const before = end < 0 ? graph.nodes : graph.nodes.slice(0, end);
  return before.flatMap(valuesOf).findLast(isAt);
};

/** The nodes that some values are computed from, in their order. */
const nodesFor = (nodes: readonly Node[], values: Iterable<ValueId>): readonly Node[] => {
  const needed = new Set(values);
  const kept = [...nodes].reverse().filter((node) => {
    const isNeeded = valuesOf(node).some((value) => needed.has(value));
    if (isNeeded) for (const value of node.inputs) needed.add(value);
    return isNeeded;
  });
  return kept.reverse();
};

/**
 * The backbone of a classifier for maps of some strides: its nodes up to the last of these maps, with the names and shapes of
 * the classifier's tensors, so that its trained weights fit.
 */
export const backboneOf = (
  { build, imageSide }: Pick<DefinedArchitecture, "build" | "imageSide">,
  options: Omit<ArchitectureOptions, "classes">,
  strides: readonly number[],
): Backbone => {
  const classifier = build({ ...options, classes: 1 });
  const nodes = imageSide === SMALL_IMAGES ? withStrideTwo(classifier.nodes) : classifier.nodes;
  const graph = { ...classifier, nodes };
  const features = new Map(
    strides.flatMap((stride) => {
      const value = lastAt(graph, stride);
      return value === undefined ? [] : [[stride, value] as const];
    }),
  );
  return { nodes: nodesFor(nodes, features.values()), features };
};
