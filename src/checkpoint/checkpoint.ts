import { QpruneError } from "../base/errors.js";
import { writeFileAtomically } from "../files/write-file-atomically.js";
import type { QuantizedTensor } from "../graph/model.js";
import type { Architecture } from "../models/architecture.js";
import { widthsOf } from "../models/chains/chain-spec.js";
import type { Net } from "../models/net.js";
import { graphOf, isChain } from "../models/net-spec.js";
import { asNetTensor } from "./as-net-tensor.js";
import { encodeStateFile } from "./encode-state-file.js";
import { fits, inferNet, type NetFacts, unknownNet } from "./infer-net.js";
import { type Manifest, manifestFromMetadata, manifestToMetadata } from "./manifest.js";
import { applyState, netState, type StateDict } from "./net-state.js";
import { type Packing, readPacking } from "./packed/packing.js";
import { unpackState } from "./packed/unpack-state.js";
import { readStateFile, type StateFileLocation } from "./read-state-file.js";
import { formatOfName, type StateFile } from "./state-file.js";
import { applyCodes, packNetCodes } from "./ternary-codes.js";
import { withoutTraining } from "./training-metadata.js";
import { unwrappedNames } from "./unwrapped-names.js";

interface ReadState {
  readonly path: string;
  readonly state: StateDict;
  /** From the manifest, else inferred from names and shapes. */
  readonly net: NetFacts;
  /** How the file packs its kernels (unpacked in `state`); undefined for a dense file. */
  readonly packing?: Packing | undefined;
  /** The quantized kernels of a packed file as codes. */
  readonly quantized?: ReadonlyMap<string, QuantizedTensor> | undefined;
  /** The file's metadata, from which the manifest was parsed. */
  readonly metadata: StateFile["metadata"];
  /** Test accuracy in percent of a .pth file of the reference scripts; a manifest records its own. */
  readonly bestAccuracy?: number | undefined;
  /** What was changed or assumed for a net of another program, as sentences. */
  readonly notices?: readonly string[];
}

/** Files written by qprune record their architecture; any other state dict is identified by tensor names and shapes. */
type KnownModel =
  | { readonly manifest: Manifest; readonly recognized?: undefined }
  | { readonly manifest: undefined; readonly recognized: Architecture };

/** A checkpoint as read: its tensors, and what is known about the net. */
export type Checkpoint = ReadState & KnownModel;

/**
 * Writes a state dict with its manifest: in torch.save's format if the name ends in .pth or .pt, else as
 * safetensors. An existing file stays until the new one is complete.
 */
export const writeCheckpoint = async (
  path: string,
  state: StateDict,
  manifest: Manifest,
): Promise<void> => {
  const chunks = encodeStateFile(formatOfName(path) ?? "safetensors", {
    tensors: state,
    metadata: manifestToMetadata(manifest),
    cfg: isChain(manifest.spec) ? widthsOf(manifest.spec) : undefined,
    bestAccuracy: manifest.accuracy,
  });
  await writeFileAtomically(path, chunks);
};

/** Writes a net with its manifest (see writeCheckpoint). */
export const saveCheckpoint = async (
  path: string,
  net: Net,
  manifest: Omit<Manifest, "ternaryCodes">,
): Promise<void> => {
  const ternaryCodes = net.codes.length > 0 ? packNetCodes(net) : undefined;
  await writeCheckpoint(path, netState(net), { ...manifest, ternaryCodes });
};

/**
 * Loads a checkpoint into a net: tensors, batch counters and hysteresis state.
 * @throws QpruneError naming the first tensor that does not fit; the net is then unchanged.
 */
export const applyCheckpoint = (
  net: Net,
  { state, manifest, path }: Pick<Checkpoint, "state" | "manifest" | "path">,
): void => {
  applyState(net, state, path);
  // When a file is refined with another quantization, the net may have hysteresis state that the file lacks.
  const hasSameWeights =
    JSON.stringify(manifest?.spec.quantization.weights) ===
    JSON.stringify(net.spec.quantization.weights);
  if (hasSameWeights) applyCodes(net, manifest?.ternaryCodes ?? {});
};

/** Checks that the widths in a file's `cfg` are those of its tensors. */
const checkCfg = ({ cfg }: StateFile, { chain }: NetFacts, path: string): void => {
  if (cfg === undefined || !chain || String(cfg) === String(chain.widths)) return;
  const { widths } = chain;
  throw new QpruneError(`${path}: its cfg is ${cfg}, but its tensors have the widths ${widths}.`, {
    hint: "Use another copy of the file, or save it again with the cfg of its net.",
  });
};

/** A file's tensors with packed kernels unpacked and dtypes converted to those of a net. */
const readTensors = (
  { tensors, metadata }: StateFile,
  manifest: Manifest | undefined,
  path: string,
): Pick<ReadState, "state" | "packing" | "quantized"> => {
  const packing = manifest && readPacking(metadata, path);
  if (manifest && packing) {
    return { packing, ...unpackState(tensors, packing, graphOf(manifest.spec), path) };
  }
  const named = [...tensors];
  return { state: new Map(named.map(([name, tensor]) => [name, asNetTensor(name, tensor)])) };
};

/** Identifies the net of a state dict, and gives its tensors the names of that net. */
const recognizedModel = (state: StateDict, path: string, described?: Architecture) => {
  for (const named of unwrappedNames(state)) {
    const inferred = inferNet(named, described);
    if (!inferred) continue;
    const { architecture: recognized, ...net } = inferred;
    return { manifest: undefined, state: named, net, recognized };
  }
  throw unknownNet(state, path, described);
};

const knownModel = (
  manifest: Manifest | undefined,
  state: StateDict,
  path: string,
  described?: Architecture,
) => {
  if (!manifest) return recognizedModel(state, path, described);
  for (const named of unwrappedNames(state)) {
    const { spec } = manifest;
    if (!fits(named, graphOf(spec))) continue;
    const { arch, classes } = spec;
    const chain = isChain(spec) ? { sequence: spec.sequence, widths: widthsOf(spec) } : null;
    return { manifest, state: named, net: { arch, classes, chain } };
  }
  throw new QpruneError(`${path}: its tensors are not those of the net that it describes.`, {
    hint: "Use another copy of the file, or train it again.",
  });
};

/** What the caller knows about a file that does not record it. */
export interface LoadOptions extends StateFileLocation {
  /** The architecture of a state dict that does not record its own. */
  readonly described?: Architecture | undefined;
}

/**
 * Reads a checkpoint written by qprune, or a state dict of one of the reference scripts' nets or of the described
 * net, or the net of an ONNX model. The format is recognized by the first bytes, not by the name. Tensors are converted to
 * float32 and counters to int64, prefixes of wrappers such as DataParallel are removed from names, and packed kernels are unpacked (docs/packed-format.md). Of a training state, only the net is loaded.
 * @throws QpruneError for a file that is damaged or contains another net, and for a .pth with several dicts of
 * tensors if no `key` chooses one.
 */
export const loadCheckpoint = async (
  path: string,
  { described, key, until, imageSize }: LoadOptions = {},
): Promise<Checkpoint> => {
  const read = await readStateFile(path, { key, until, imageSize });
  const file = withoutTraining(read);
  const manifest = manifestFromMetadata(file.metadata, path);
  const { state, packing, quantized } = readTensors(file, manifest, path);
  const model = knownModel(manifest, state, path, described);
  checkCfg(file, model.net, path);
  const { metadata, bestAccuracy } = file;
  const { notices } = read;
  const found = { path, metadata, bestAccuracy, packing, quantized, ...model };
  return notices ? { ...found, notices } : found;
};

/**
 * Marks a model file as finished and records the accuracy of a last test (percent of the test images). The run's id
 * is removed, so that identical finished runs yield identical files.
 */
export const markFinished = async (path: string, accuracy?: number): Promise<void> => {
  const { format, ...file } = await readStateFile(path);
  if (format === "onnx") throw new Error(`${path} was not written by a run.`);
  const { run: _, ...kept } = file.metadata;
  const tested = accuracy === undefined ? {} : { accuracy: JSON.stringify(accuracy) };
  const metadata = { ...kept, ...tested, finished: "true" };
  const bestAccuracy = accuracy ?? file.bestAccuracy;
  await writeFileAtomically(path, encodeStateFile(format, { ...file, bestAccuracy, metadata }));
};
