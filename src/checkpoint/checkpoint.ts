import { QpruneError } from "../core/errors.js";
import { writeFileAtomically } from "../files/write-file-atomically.js";
import type { Net } from "../models/net.js";
import type { NetDescription } from "../models/net-description.js";
import { widthsOf } from "../models/spec.js";
import { fits, type InferredNet, inferNet } from "./infer-net.js";
import { type Manifest, manifestFromMetadata, manifestToMetadata } from "./manifest.js";
import { applyState, netState, type StateDict } from "./net-state.js";
import { type Packing, readPacking } from "./packed/packing.js";
import { unpackState } from "./packed/unpack-state.js";
import { encodeSafetensors } from "./safetensors/encode-safetensors.js";
import { readSafetensors } from "./safetensors/read-safetensors.js";
import { applyCodes, packNetCodes } from "./ternary-codes.js";

interface ReadState {
  readonly path: string;
  readonly state: StateDict;
  /** From the manifest, else from names and shapes. */
  readonly net: Omit<InferredNet, "description">;
  /** How the file packs its kernels, which `state` holds unpacked; undefined for a dense file. */
  readonly packing?: Packing | undefined;
}

/** What qprune wrote tells its net; another state dict is recognised by its names and shapes. */
type ToldNet =
  | { readonly manifest: Manifest; readonly recognised?: undefined }
  | { readonly manifest: undefined; readonly recognised: NetDescription };

/** A checkpoint as read: its tensors, and what is known of the net. */
export type Checkpoint = ReadState & ToldNet;

/** Writes a state dict with its manifest as safetensors; the old file stays until the new one is complete. */
export const writeCheckpoint = async (
  path: string,
  state: StateDict,
  manifest: Manifest,
): Promise<void> => {
  await writeFileAtomically(path, encodeSafetensors(state, manifestToMetadata(manifest)));
};

/** Writes a running net with its manifest (see writeCheckpoint). */
export const saveCheckpoint = async (
  path: string,
  net: Net,
  manifest: Omit<Manifest, "ternaryCodes">,
): Promise<void> => {
  const ternaryCodes = net.codes.length > 0 ? packNetCodes(net) : undefined;
  await writeCheckpoint(path, netState(net), { ...manifest, ternaryCodes });
};

/**
 * Gives a net what a checkpoint holds: tensors, counters, remembered codes.
 * @throws QpruneError naming the first tensor that does not fit; the net is then unchanged.
 */
export const applyCheckpoint = (
  net: Net,
  { state, manifest, path }: Pick<Checkpoint, "state" | "manifest" | "path">,
): void => {
  applyState(net, state, path);
  // A net that a file is refined into may keep codes where the file had none to keep.
  const isSameKind =
    JSON.stringify(manifest?.spec.quantization.weights) ===
    JSON.stringify(net.spec.quantization.weights);
  if (isSameKind) applyCodes(net, manifest?.ternaryCodes ?? {});
};

/**
 * Reads a checkpoint that qprune wrote, or a state dict as safetensors: of one of the original's nets, or
 * of the net that is described. Packed kernels are unpacked (docs/packed-format.md).
 * @throws QpruneError for a file that is damaged or holds another net.
 */
export const loadCheckpoint = async (
  path: string,
  described?: NetDescription | undefined,
): Promise<Checkpoint> => {
  const { tensors, metadata } = await readSafetensors(path);
  const manifest = manifestFromMetadata(metadata, path);
  if (!manifest) {
    const { description, ...net } = inferNet(tensors, path, described);
    return { path, state: tensors, manifest, net, recognised: description };
  }
  const packing = readPacking(metadata, path);
  const state = packing ? unpackState(tensors, packing, manifest.spec, path) : tensors;
  if (!fits(state, manifest.spec)) {
    throw new QpruneError(`${path}: its tensors are not those of the net that it describes.`, {
      hint: "Use another copy of the file, or train it again.",
    });
  }
  const { arch, sequence, classes } = manifest.spec;
  const net = { arch, sequence, classes, widths: widthsOf(manifest.spec) };
  return { path, state, manifest, net, packing };
};

/** Says in an otherwise unchanged file that the run which wrote it came to its end. */
export const markFinished = async (path: string): Promise<void> => {
  const { tensors, metadata } = await readSafetensors(path);
  await writeFileAtomically(path, encodeSafetensors(tensors, { ...metadata, finished: "true" }));
};
