import { QpruneError } from "../base/errors.js";
import type { ChainSpec } from "../models/chains/chain-spec.js";
import { isChain } from "../models/net-spec.js";
import type { Checkpoint } from "./checkpoint.js";
import { type Manifest, manifestToMetadata } from "./manifest.js";
import type { NetFile } from "./net-files/net-file.js";

type Sequence = ChainSpec["sequence"];

/** Replaces the state-dict prefix `from`; other names stay. */
const renamed = <T>(
  entries: Iterable<readonly [string, T]>,
  from: Sequence,
  to: Sequence,
): Map<string, T> => {
  const result = new Map<string, T>();
  for (const [name, value] of entries) {
    const other = name.startsWith(`${from}.`) ? to + name.slice(from.length) : name;
    if (result.has(other)) {
      throw new QpruneError(
        `Renaming ${from} to ${to} would produce the name ${JSON.stringify(other)} twice.`,
        {
          hint: "The file has tensors with both prefixes; keep their names.",
          code: "tensors-with-both-prefixes",
        },
      );
    }
    result.set(other, value);
  }
  return result;
};

const renamedManifest = (manifest: Manifest, spec: ChainSpec, to: Sequence): Manifest => {
  const { ternaryCodes } = manifest;
  return {
    ...manifest,
    spec: { ...spec, sequence: to },
    ternaryCodes:
      ternaryCodes && Object.fromEntries(renamed(Object.entries(ternaryCodes), spec.sequence, to)),
  };
};

/**
 * A checkpoint as the content of a file, with `sequence` as the prefix of its tensor names. Everything else stays:
 * without a new prefix, the metadata is exactly that of the file that was read.
 * @throws QpruneError if the file has tensors with both prefixes.
 */
export const checkpointFile = (checkpoint: Checkpoint, sequence?: Sequence): NetFile => {
  const { state, manifest, metadata, net } = checkpoint;
  const { chain } = net;
  const renaming =
    chain && sequence && sequence !== chain.sequence
      ? { from: chain.sequence, to: sequence }
      : null;
  return {
    tensors: renaming ? renamed(state, renaming.from, renaming.to) : state,
    metadata:
      renaming && manifest && isChain(manifest.spec)
        ? {
            ...metadata,
            ...manifestToMetadata(renamedManifest(manifest, manifest.spec, renaming.to)),
          }
        : metadata,
    cfg: chain?.widths,
    bestAccuracy: manifest ? manifest.accuracy : checkpoint.bestAccuracy,
  };
};
