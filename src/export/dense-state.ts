import { mergedState } from "../checkpoint/merged-state.js";
import type { StateDict } from "../checkpoint/net-state.js";
import { weightsState } from "../checkpoint/net-weights.js";
import type { ExportNet } from "./export-net.js";

/** The state dict of a net that is exported, its kernels in float32, in PyTorch's names and order. */
export const denseState = (net: ExportNet): StateDict =>
  net.form === "merged" ? mergedState(net.spec, net.weights) : weightsState(net.spec, net.weights);
