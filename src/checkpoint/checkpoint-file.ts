import { QpruneError } from "../base/errors.js";
import type { NetSpec } from "../models/spec.js";
import type { Checkpoint } from "./checkpoint.js";
import { type Manifest, manifestToMetadata } from "./manifest.js";
import type { StateFile } from "./state-file.js";

type Sequence = NetSpec["sequence"];

/** Renames what belongs to the sequence `from`; other names stay. */
const renamed = <T>(
  entries: Iterable<readonly [string, T]>,
  from: Sequence,
  to: Sequence,
): Map<string, T> => {
  const result = new Map<string, T>();
  for (const [name, value] of entries) {
    const other = name.startsWith(`${from}.`) ? to + name.slice(from.length) : name;
    if (result.has(other)) {
      throw new QpruneError(`Renaming ${from} to ${to} makes ${JSON.stringify(other)} twice.`, {
        hint: "The file has tensors of both names; leave --sequence out.",
      });
    }
    result.set(other, value);
  }
  return result;
};

const renamedManifest = (manifest: Manifest, to: Sequence): Manifest => {
  const { spec, ternaryCodes } = manifest;
  return {
    ...manifest,
    spec: { ...spec, sequence: to },
    ternaryCodes:
      ternaryCodes && Object.fromEntries(renamed(Object.entries(ternaryCodes), spec.sequence, to)),
  };
};

/**
 * A checkpoint as the content of a file, under `sequence` as the name of the net's sequence. Everything
 * else stays: without another name the metadata is that of the file that was read, text by text.
 * @throws QpruneError where the file has tensors of both names.
 */
export const checkpointFile = (
  checkpoint: Checkpoint,
  sequence: Sequence = checkpoint.net.sequence,
): StateFile => {
  const { state, manifest, metadata, net } = checkpoint;
  const isRenamed = sequence !== net.sequence;
  return {
    tensors: isRenamed ? renamed(state, net.sequence, sequence) : state,
    metadata:
      isRenamed && manifest
        ? { ...metadata, ...manifestToMetadata(renamedManifest(manifest, sequence)) }
        : metadata,
    cfg: net.widths,
    bestAccuracy: manifest ? manifest.accuracy : checkpoint.bestAccuracy,
  };
};
