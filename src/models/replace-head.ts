import type { Graph, Node } from "../graph/graph.js";
import { lastLayers } from "../graph/last-layers.js";
import { isWeighted } from "../graph/stored-form.js";
import { isClassLayer } from "./architectures/detectors/head-layers.js";

/** Whether the output of a graph describes boxes. */
const isDetector = ({ outputs: [output] }: Graph): boolean => output?.boxes !== undefined;

/** The names of the layers that compute a net's outputs: the last one of a classifier, those of all levels of a detector. */
export const headNames = (graph: Graph): ReadonlySet<string> =>
  isDetector(graph)
    ? lastLayers(graph)
    : new Set(
        graph.nodes
          .filter(isWeighted)
          .slice(-1)
          .map(({ name }) => name),
      );

/** The names of those of them with an output per class. */
export const classLayers = (graph: Graph): ReadonlySet<string> => {
  const heads = headNames(graph);
  return isDetector(graph) ? new Set([...heads].filter(isClassLayer)) : heads;
};

/** A net for another number of classes, whose head has as many outputs. */
export const withClasses = (graph: Graph, classes: number): Graph => {
  const heads = classLayers(graph);
  const nodes = graph.nodes.map((node): Node => {
    if (!heads.has(node.name)) return node;
    return node.kind === "dense"
      ? { ...node, features: classes }
      : ({ ...node, filters: classes } as Node);
  });
  return { ...graph, nodes };
};
