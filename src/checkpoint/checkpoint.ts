import { QpruneError } from "../base/errors.js";
import { writeFileAtomically } from "../files/write-file-atomically.js";
import type { Net } from "../models/net.js";
import type { NetDescription } from "../models/net-description.js";
import { widthsOf } from "../models/spec.js";
import { asNetTensor } from "./as-net-tensor.js";
import { encodeStateFile } from "./encode-state-file.js";
import { fits, type InferredNet, inferNet, unknownNet } from "./infer-net.js";
import { type Manifest, manifestFromMetadata, manifestToMetadata } from "./manifest.js";
import { applyState, netState, type StateDict } from "./net-state.js";
import { type Packing, readPacking } from "./packed/packing.js";
import { unpackState } from "./packed/unpack-state.js";
import { readStateFile, type StateFilePlace } from "./read-state-file.js";
import { formatOfName, type StateFile } from "./state-file.js";
import { applyCodes, packNetCodes } from "./ternary-codes.js";
import { withoutTraining } from "./training-metadata.js";
import { unwrappedNames } from "./unwrapped-names.js";

interface ReadState {
  readonly path: string;
  readonly state: StateDict;
  /** From the manifest, else from names and shapes. */
  readonly net: Omit<InferredNet, "description">;
  /** How the file packs its kernels, which `state` holds unpacked; undefined for a dense file. */
  readonly packing?: Packing | undefined;
  /** The file's texts as they are, of which a manifest is made. */
  readonly metadata: StateFile["metadata"];
  /** Percent that a .pth of the original tells; a manifest tells its own. */
  readonly bestAccuracy?: number | undefined;
}

/** What qprune wrote tells its net; another state dict is recognised by its names and shapes. */
type ToldNet =
  | { readonly manifest: Manifest; readonly recognised?: undefined }
  | { readonly manifest: undefined; readonly recognised: NetDescription };

/** A checkpoint as read: its tensors, and what is known of the net. */
export type Checkpoint = ReadState & ToldNet;

/**
 * Writes a state dict with its manifest: as torch.save does where the name ends in .pth or .pt, else as
 * safetensors. The old file stays until the new one is complete.
 */
export const writeCheckpoint = async (
  path: string,
  state: StateDict,
  manifest: Manifest,
): Promise<void> => {
  const chunks = encodeStateFile(formatOfName(path) ?? "safetensors", {
    tensors: state,
    metadata: manifestToMetadata(manifest),
    cfg: widthsOf(manifest.spec),
    bestAccuracy: manifest.accuracy,
  });
  await writeFileAtomically(path, chunks);
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

/** Widths that a file tells beside its tensors must be those of the tensors. */
const checkCfg = ({ cfg }: StateFile, widths: readonly number[], path: string): void => {
  if (cfg === undefined || String(cfg) === String(widths)) return;
  throw new QpruneError(
    `${path}: its cfg says ${cfg}, but its tensors have the widths ${widths}.`,
    {
      hint: "Use another copy of the file, or save it again with the cfg of its net.",
    },
  );
};

/** The tensors as nets take them: unpacked, or as float32 and int64. */
const readTensors = (
  { tensors, metadata }: StateFile,
  manifest: Manifest | undefined,
  path: string,
) => {
  const packing = manifest && readPacking(metadata, path);
  if (manifest && packing) {
    return { packing, state: unpackState(tensors, packing, manifest.spec, path) };
  }
  const named = [...tensors];
  return { state: new Map(named.map(([name, tensor]) => [name, asNetTensor(name, tensor)])) };
};

/** The net of a state dict, with the state dict under the names that the net has. */
const recognizedNet = (state: StateDict, path: string, described?: NetDescription) => {
  for (const named of unwrappedNames(state)) {
    const inferred = inferNet(named, described);
    if (!inferred) continue;
    const { description: recognised, ...net } = inferred;
    return { manifest: undefined, state: named, net, recognised };
  }
  throw unknownNet(state, path, described);
};

const toldNet = (
  manifest: Manifest | undefined,
  state: StateDict,
  path: string,
  described?: NetDescription,
) => {
  if (!manifest) return recognizedNet(state, path, described);
  for (const named of unwrappedNames(state)) {
    if (!fits(named, manifest.spec)) continue;
    const { arch, sequence, classes } = manifest.spec;
    const net = { arch, sequence, classes, widths: widthsOf(manifest.spec) };
    return { manifest, state: named, net };
  }
  throw new QpruneError(`${path}: its tensors are not those of the net that it describes.`, {
    hint: "Use another copy of the file, or train it again.",
  });
};

/** What the caller knows of a file that does not record it. */
export interface LoadOptions extends StateFilePlace {
  /** The net of a state dict that does not record its own. */
  readonly described?: NetDescription | undefined;
}

/**
 * Reads a checkpoint that qprune wrote, or a state dict of one of the reference scripts' nets or of the net that is
 * described: as safetensors or as torch.save writes it, which the bytes tell and not the name. Tensors
 * come as float32 and counters as int64, under names without what wrappers such as DataParallel add; packed
 * kernels are unpacked (docs/packed-format.md). Of a training state only the net is taken.
 * @throws QpruneError for a file that is damaged or holds another net, and where a .pth has several dicts of
 * tensors and no `key` chooses one.
 */
export const loadCheckpoint = async (
  path: string,
  { described, key }: LoadOptions = {},
): Promise<Checkpoint> => {
  const file = withoutTraining(await readStateFile(path, { key }));
  const manifest = manifestFromMetadata(file.metadata, path);
  const { state, packing } = readTensors(file, manifest, path);
  const told = toldNet(manifest, state, path, described);
  checkCfg(file, told.net.widths, path);
  const { metadata, bestAccuracy } = file;
  return { path, metadata, bestAccuracy, packing, ...told };
};

/**
 * Says in an otherwise unchanged file that the run which wrote it came to its end, and what a last test gave
 * (percent of the test images). The run's name goes: files of equal finished runs are equal to the byte.
 */
export const markFinished = async (path: string, accuracy?: number): Promise<void> => {
  const { format, ...file } = await readStateFile(path);
  const { run: _, ...told } = file.metadata;
  const tested = accuracy === undefined ? {} : { accuracy: JSON.stringify(accuracy) };
  const metadata = { ...told, ...tested, finished: "true" };
  const bestAccuracy = accuracy ?? file.bestAccuracy;
  await writeFileAtomically(path, encodeStateFile(format, { ...file, bestAccuracy, metadata }));
};
