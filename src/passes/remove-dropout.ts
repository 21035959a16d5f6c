import type { Graph } from "../graph/graph.js";
import { removeNodes } from "./remove-nodes.js";

/** Removes dropout, which has no effect in inference. */
export const removeDropout = (graph: Graph): Graph =>
  removeNodes(
    graph,
    new Set(graph.nodes.filter(({ kind }) => kind === "dropout").map(({ name }) => name)),
  );
