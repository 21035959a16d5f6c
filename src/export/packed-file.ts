import { readMergedWeights } from "../checkpoint/merged-state.js";
import type { StateDict } from "../checkpoint/net-state.js";
import { readNetWeights } from "../checkpoint/net-weights.js";
import {
  type EdgeFormat,
  type PackedState,
  packState,
  writePackedCheckpoint,
} from "../checkpoint/packed/pack-state.js";
import { unpackState } from "../checkpoint/packed/unpack-state.js";
import { denseState, type ExportNet, manifestOf } from "./export-net.js";
import { verifyWrittenFile } from "./verify-written-file.js";

const netOfState = (net: ExportNet, state: StateDict, path: string): ExportNet =>
  net.form === "merged"
    ? { ...net, weights: readMergedWeights({ state, path }, net.spec) }
    : { ...net, weights: readNetWeights({ state, path, manifest: undefined }, net.spec) };

/** A net packed in memory. */
export interface PackedNet {
  readonly packed: PackedState;
  /** The net that the packed file contains: the same, except for kernels rounded to int8. */
  readonly after: { readonly net: ExportNet; readonly state: StateDict };
}

/**
 * Packs a net. Packing quantized kernels is lossless; the others are rounded if `edges` is int8.
 * @throws QpruneError if a weight is not on the grid of its quantization.
 */
export const packNet = (net: ExportNet, edges: EdgeFormat, nameForErrors: string): PackedNet => {
  const packed = packState(net.spec, denseState(net), edges);
  const state = unpackState(packed.tensors, packed.packing, net.spec, nameForErrors);
  const read = netOfState(net, state, nameForErrors);
  // The accuracy after rounding is unknown until it is tested.
  const after = edges === "int8" ? { ...read, accuracy: undefined } : read;
  return { packed, after: { net: after, state } };
};

/** Names of binary kernels that contain zeros besides -1 and 1, and are therefore packed with two bits. */
export const widenedKernels = ({ after, packed }: PackedNet): string[] => {
  const { weights } = after.net.spec.quantization;
  if (weights.kind === "ternary") return [];
  return Object.entries(packed.packing.kernels)
    .filter(([, { grid }]) => grid === "ternary")
    .map(([name]) => name);
};

/**
 * Writes a packed net and verifies the written file (see verifyWrittenFile). Returns its size in bytes. `version` is
 * the package's.
 */
export const writePackedNet = async (
  { packed, after }: PackedNet,
  path: string,
  version: string,
): Promise<number> => {
  await writePackedCheckpoint(path, packed, manifestOf(after.net, version));
  return verifyWrittenFile(path, after.state);
};
