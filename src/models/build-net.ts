import { checkGraph } from "../graph/check-graph.js";
import { checkSpec } from "./chains/check-chain.js";
import type { InitialValues } from "./executor/node-tensors.js";
import { type RunOptions, runGraph } from "./executor/run-graph.js";
import type { Net } from "./net.js";
import { graphOf, isChain, type NetSpec } from "./net-spec.js";

/** Builds the net of a spec with its initial values (see runGraph). */
export const buildNet = (spec: NetSpec, initial: InitialValues, options: RunOptions = {}): Net => {
  if (isChain(spec)) checkSpec(spec, spec.arch);
  else checkGraph(spec.graph, spec.arch);
  return { ...runGraph(graphOf(spec), initial, options), spec };
};
