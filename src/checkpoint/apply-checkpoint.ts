import type { Net } from "../models/net.js";
import { graphOf } from "../models/net-spec.js";
import type { KnownModel, ReadState } from "./parse-checkpoint.js";
import { applyCodes, keptKernels } from "./tensors/hysteresis-codes.js";
import { applyState } from "./tensors/net-state.js";

/**
 * Loads a checkpoint into a net: tensors, batch counters and hysteresis state.
 * @throws QpruneError naming the first tensor that does not fit; the net is then unchanged.
 */
export const applyCheckpoint = (
  net: Net,
  { state, manifest, path }: Pick<ReadState & KnownModel, "state" | "manifest" | "path">,
): void => {
  applyState(net, state, path);
  // A net that is refined with another quantization may have hysteresis state that the file lacks.
  const kept = manifest ? keptKernels(net, graphOf(manifest.spec)) : new Set<string>();
  applyCodes(net, manifest?.ternaryCodes ?? {}, kept);
};
