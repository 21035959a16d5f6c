import type { RunningGraph } from "./executor/run-graph.js";
import type { NetSpec } from "./net-spec.js";

/** A running net with its spec. Built by buildNet. */
export interface Net extends RunningGraph {
  readonly spec: NetSpec;
}
