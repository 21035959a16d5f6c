import { writeFileAtomically } from "../files/writing/write-file-atomically.js";
import type { Architecture } from "../models/architecture.js";
import { widthsOf } from "../models/chains/chain-spec.js";
import type { Net } from "../models/net.js";
import { isChain } from "../models/net-spec.js";
import { type Manifest, manifestToMetadata } from "./manifest.js";
import { encodeNetFile } from "./net-files/encode-net-file.js";
import { formatOfName } from "./net-files/net-file.js";
import { type NetFileLocation, openNetFile } from "./net-files/open-net-file.js";
import { type KnownModel, parseCheckpoint, type ReadState } from "./parse-checkpoint.js";
import { packNetCodes } from "./tensors/hysteresis-codes.js";
import { netState, type StateDict } from "./tensors/net-state.js";

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
  const chunks = encodeNetFile(formatOfName(path) ?? "safetensors", {
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

/** What the caller knows about a file that does not record it. */
export interface LoadOptions extends NetFileLocation {
  /** The architecture of a state dict that does not record its own. */
  readonly described?: Architecture | undefined;
}

/**
 * Reads a checkpoint written by qprune, or a state dict of one of the reference scripts' nets or of the described
 * net, or the net of another program's model. The format is recognized by the first bytes, not by the name. Tensors are converted
 * to float32 and counters to int64, prefixes of wrappers such as DataParallel are removed from names, and packed kernels
 * are unpacked (docs/packed-format.md). Of a training state, only the net is loaded.
 * @throws QpruneError for a file that is damaged or contains another net, and for a .pth with several dicts of
 * tensors if no `key` chooses one.
 */
export const loadCheckpoint = async (
  path: string,
  { described, ...location }: LoadOptions = {},
): Promise<Checkpoint> => {
  const { notices, ...file } = await openNetFile(path, location);
  const parsed = parseCheckpoint(file, path, described);
  return notices ? { ...parsed, notices } : parsed;
};

/**
 * Marks a model file as finished and records the accuracy of a last test (percent of the test images). The run's id
 * is removed, so that identical finished runs yield identical files.
 */
export const markFinished = async (path: string, accuracy?: number): Promise<void> => {
  const { format, ...file } = await openNetFile(path);
  if (format !== "safetensors" && format !== "pth")
    throw new Error(`${path} was not written by a run.`);
  const { run: _, ...kept } = file.metadata;
  const tested = accuracy === undefined ? {} : { accuracy: JSON.stringify(accuracy) };
  const metadata = { ...kept, ...tested, finished: "true" };
  const bestAccuracy = accuracy ?? file.bestAccuracy;
  await writeFileAtomically(path, encodeNetFile(format, { ...file, bestAccuracy, metadata }));
};
