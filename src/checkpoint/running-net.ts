import { buildNet } from "../models/build-net.js";
import type { RunOptions } from "../models/executor/run-graph.js";
import type { Net } from "../models/net.js";
import type { NetSpec } from "../models/net-spec.js";
import { applyCheckpoint } from "./apply-checkpoint.js";
import type { Checkpoint } from "./checkpoint.js";

/**
 * Builds a net and loads a state dict into it, ready for inference. The caller disposes it.
 * @throws QpruneError naming the first tensor that does not fit the spec.
 */
export const runningNet = (
  spec: NetSpec,
  file: Pick<Checkpoint, "state" | "path" | "manifest">,
  options: Pick<RunOptions, "precision" | "watched" | "observed"> = {},
): Net => {
  // Every initial value is replaced, so the seed does not matter.
  const net = buildNet(spec, { seed: 1, gammaStart: "ones" }, options);
  try {
    applyCheckpoint(net, file);
    return net;
  } catch (error) {
    net.dispose();
    throw error;
  }
};
