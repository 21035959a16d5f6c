import {
  type FirstLastFormat,
  type PackedState,
  packModel,
  writePackedCheckpoint,
} from "../checkpoint/packed/pack-model.js";
import { unpackState } from "../checkpoint/packed/unpack-state.js";
import { readModel } from "../checkpoint/read-model.js";
import type { StateDict } from "../checkpoint/tensors/net-state.js";
import { weightedNodes } from "../graph/stored-form.js";
import { type ExportNet, manifestOf } from "./export-net.js";
import { verifyWrittenFile } from "./verify-written-file.js";

/** A net packed in memory. */
export interface PackedNet {
  readonly packed: PackedState;
  /** The net that the packed file contains: the same, except for kernels rounded to int8. */
  readonly after: { readonly net: ExportNet; readonly state: StateDict };
}

/**
 * Packs a net. Packing quantized kernels is lossless; the others are rounded if `edges` is int8.
 * @throws QpruneError if a float weight to be rounded is not finite.
 */
export const packNet = (
  net: ExportNet,
  edges: FirstLastFormat,
  nameForErrors: string,
): PackedNet => {
  const { graph } = net.model;
  const packed = packModel(net.model, edges);
  const unpacked = unpackState(packed.tensors, packed.packing, graph, nameForErrors);
  const model = readModel({ ...unpacked, path: nameForErrors, manifest: undefined }, graph);
  const read = { ...net, model };
  // The accuracy after rounding is unknown until it is tested.
  const after = edges === "int8" ? { ...read, accuracy: undefined } : read;
  return { packed, after: { net: after, state: unpacked.state } };
};

/** Names of binary kernels that contain zeros besides -1 and 1, and are therefore packed with two bits. */
export const widenedKernels = ({ after, packed }: PackedNet): string[] => {
  const ternary = new Set(
    weightedNodes(after.net.model.graph)
      .filter(({ quantizer }) => quantizer.kind === "ternary")
      .map(({ name }) => `${name}.weight`),
  );
  return Object.entries(packed.packing.kernels)
    .filter(([name, { grid }]) => grid === "ternary" && !ternary.has(name))
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
