import { chainToGraph } from "./chain-to-graph.js";
import { checkSpec } from "./check-spec.js";
import type { InitialValues } from "./executor/node-tensors.js";
import { runGraph } from "./executor/run-graph.js";
import type { Net } from "./net.js";
import type { NetSpec } from "./spec.js";

/** Builds the net of a spec with its initial values (see runGraph). */
export const buildNet = (spec: NetSpec, initial: InitialValues): Net => {
  checkSpec(spec, spec.arch);
  return { ...runGraph(chainToGraph(spec), initial), spec };
};
