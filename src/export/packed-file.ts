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
import { readBack } from "./verify-written-file.js";

const netOfState = (net: ExportNet, state: StateDict, path: string): ExportNet =>
  net.form === "merged"
    ? { ...net, weights: readMergedWeights({ state, path }, net.spec) }
    : { ...net, weights: readNetWeights({ state, path, manifest: undefined }, net.spec) };

/** A net packed in memory. */
export interface PackedNet {
  readonly packed: PackedState;
  /** What the packed file is read as: the same, but for kernels that int8 rounds. */
  readonly after: { readonly net: ExportNet; readonly state: StateDict };
}

/**
 * Packs a net. Quantized kernels lose nothing; with `edges` int8 the others are rounded.
 * @throws QpruneError where a weight is not on the grid of its quantization.
 */
export const packNet = (net: ExportNet, edges: EdgeFormat, nameForErrors: string): PackedNet => {
  const packed = packState(net.spec, denseState(net), edges);
  const state = unpackState(packed.tensors, packed.packing, net.spec, nameForErrors);
  const read = netOfState(net, state, nameForErrors);
  // What rounding costs is not known before it is tested.
  const after = edges === "int8" ? { ...read, accuracy: undefined } : read;
  return { packed, after: { net: after, state } };
};

/**
 * Kernels whose quantization has one bit, but which hold zeros beside -1 and 1 and are packed with two.
 */
export const widenedKernels = ({ after, packed }: PackedNet): string[] => {
  const { weights } = after.net.spec.quantization;
  if (weights.kind === "ternary") return [];
  return Object.entries(packed.packing.kernels)
    .filter(([, { grid }]) => grid === "ternary")
    .map(([name]) => name);
};

/** Writes a packed net and reads it back (see readBack); gives the file's bytes. `version` is that of the package. */
export const writePackedNet = async (
  { packed, after }: PackedNet,
  path: string,
  version: string,
): Promise<number> => {
  await writePackedCheckpoint(path, packed, manifestOf(after.net, version));
  return readBack(path, after.state);
};
