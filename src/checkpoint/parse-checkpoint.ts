import { QpruneError } from "../base/errors.js";
import type { QuantizedTensor } from "../graph/model.js";
import type { Architecture } from "../models/architecture.js";
import { widthsOf } from "../models/chains/chain-spec.js";
import { graphOf, isChain } from "../models/net-spec.js";
import { fits, inferNet, type NetFacts, unknownNet } from "./infer-net.js";
import { type Manifest, manifestFromMetadata } from "./manifest.js";
import type { NetFile } from "./net-files/net-file.js";
import { unwrappedNames } from "./net-files/unwrapped-names.js";
import { type Packing, readPacking } from "./packed/packing.js";
import { unpackState } from "./packed/unpack-state.js";
import { asNetTensor } from "./tensors/as-net-tensor.js";
import type { StateDict } from "./tensors/net-state.js";
import { withoutTraining } from "./training/training-metadata.js";

/** The tensors of a file of a net, and what the file records besides them. */
export interface ReadState {
  readonly path: string;
  readonly state: StateDict;
  /** From the manifest, else inferred from names and shapes. */
  readonly net: NetFacts;
  /** How the file packs its kernels (unpacked in `state`); undefined for a dense file. */
  readonly packing?: Packing | undefined;
  /** The quantized kernels of a packed file as codes. */
  readonly quantized?: ReadonlyMap<string, QuantizedTensor> | undefined;
  /** The file's metadata, from which the manifest was parsed. */
  readonly metadata: NetFile["metadata"];
  /** Test accuracy in percent of a .pth file of the reference scripts; a manifest records its own. */
  readonly bestAccuracy?: number | undefined;
  /** What was changed or assumed for a net of another program, as sentences. */
  readonly notices?: readonly string[] | undefined;
}

/** Files written by qprune record their architecture; any other state dict is identified by tensor names and shapes. */
export type KnownModel =
  | { readonly manifest: Manifest; readonly recognized?: undefined }
  | { readonly manifest: undefined; readonly recognized: Architecture };

/** Checks that the widths in a file's `cfg` are those of its tensors. */
const checkCfg = ({ cfg }: NetFile, { chain }: NetFacts, path: string): void => {
  if (cfg === undefined || !chain || String(cfg) === String(chain.widths)) return;
  const { widths } = chain;
  throw new QpruneError(`${path}: its cfg is ${cfg}, but its tensors have the widths ${widths}.`, {
    hint: "Use another copy of the file, or save it again with the cfg of its net.",
  });
};

/** A file's tensors with packed kernels unpacked and dtypes converted to those of a net. */
const readTensors = (
  { tensors, metadata }: NetFile,
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
  throw new QpruneError(`${path}: its tensors do not match the net that it describes.`, {
    hint: "Use another copy of the file, or train it again.",
  });
};

/**
 * The net of a file's content: its tensors are unpacked, and get the names and dtypes of the net. Of a training state, only
 * the net is kept.
 * @param path the file's name, for messages
 * @throws QpruneError if the content is damaged or contains another net than the described one, or an unknown net.
 */
export const parseCheckpoint = (
  content: NetFile,
  path: string,
  described?: Architecture,
): ReadState & KnownModel => {
  const file = withoutTraining(content);
  const manifest = manifestFromMetadata(file.metadata, path);
  const { state, packing, quantized } = readTensors(file, manifest, path);
  const model = knownModel(manifest, state, path, described);
  checkCfg(file, model.net, path);
  const { metadata, bestAccuracy } = file;
  return { path, metadata, bestAccuracy, packing, quantized, ...model };
};
