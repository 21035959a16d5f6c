import { buildNet } from "../models/build-net.js";
import type { Net } from "../models/net.js";
import type { NetSpec } from "../models/spec.js";
import { applyCheckpoint, type Checkpoint } from "./checkpoint.js";

/**
 * A net with the numbers of a file, or of what was made of one, ready to be tested. The caller disposes it.
 * @throws QpruneError naming the first tensor that does not fit the spec.
 */
export const runningNet = (
  spec: NetSpec,
  file: Pick<Checkpoint, "state" | "path" | "manifest">,
): Net => {
  // Every initial value is replaced.
  const net = buildNet(spec, { seed: 1, gammaStart: "ones" });
  try {
    applyCheckpoint(net, file);
    return net;
  } catch (error) {
    net.dispose();
    throw error;
  }
};
