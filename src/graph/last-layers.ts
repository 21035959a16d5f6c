import { type Graph, valuesOf } from "./graph.js";
import { isWeighted } from "./stored-form.js";

/** Names of the layers whose outputs reach those of the net without another layer in between. */
export const lastLayers = ({ outputs, nodes }: Graph): ReadonlySet<string> => {
  const late = new Set(outputs.map(({ value }) => value));
  const last = new Set<string>();
  for (const node of [...nodes].reverse()) {
    if (!valuesOf(node).some((value) => late.has(value))) continue;
    if (isWeighted(node)) last.add(node.name);
    else for (const value of node.inputs) late.add(value);
  }
  return last;
};
