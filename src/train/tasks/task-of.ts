import { boxLayoutOf } from "../../graph/box-output.js";
import type { Graph } from "../../graph/graph.js";
import { classification } from "./classification.js";
import { detection } from "./detection.js";
import type { Task } from "./task.js";

/** What a net is for, by its output: a detector describes boxes, any other net classifies. */
export const taskOf = (graph: Graph): Task => {
  const layout = boxLayoutOf(graph);
  return layout ? detection(graph, layout) : classification;
};
