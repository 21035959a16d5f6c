import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { shownNames } from "../../base/shown-names.js";
import type { Graph } from "../../graph/graph.js";
import { isWeighted } from "../../graph/stored-form.js";
import type { TrainedParts } from "../../models/executor/node-tensors.js";
import { headNames } from "../../models/replace-head.js";
import type { TrainingOptions } from "./training-call.js";

/** Names of all nodes up to the last one that is called `until` or lies in a module of that name. */
const frozenNodes = ({ nodes }: Graph, until: string): ReadonlySet<string> => {
  const last = nodes.findLastIndex(
    ({ name }) => name === until || name.startsWith(`${until}.`) || name.startsWith(`${until}/`),
  );
  if (last < 0) {
    throw usageError(
      `${option("freeze_until")} is ${until}, but the net has no such layer.`,
      `Name one of its layers: ${shownNames(nodes.filter(isWeighted).map(({ name }) => name))}.`,
    );
  }
  return new Set(nodes.slice(0, last + 1).map(({ name }) => name));
};

/**
 * The parts of a net that are trained in another way than the rest: frozen layers, the head, and what is not decayed.
 * @throws QpruneError (usage) if no layer has the name.
 */
export const trainedParts = (
  graph: Graph,
  {
    freeze_until: until,
    lr_head: factor,
    wd_skip: undecayed,
  }: Pick<TrainingOptions, "freeze_until" | "lr_head" | "wd_skip">,
): TrainedParts => ({
  ...(until !== undefined && { frozen: frozenNodes(graph, until) }),
  ...(undecayed && { undecayed: new Set(undecayed) }),
  ...(factor !== undefined && {
    rateFactors: new Map([...headNames(graph)].map((name) => [name, factor] as const)),
  }),
});
