import { parseCheckpoint } from "../../checkpoint/parse-checkpoint.js";
import { runningNet } from "../../checkpoint/running-net.js";
import type { DataSetInfo } from "../../data/data-set.js";
import { parseSafetensors } from "../../formats/safetensors/parse-safetensors.js";
import type { Net } from "../../models/net.js";
import { knownDataSetInfo, storedSpec } from "./stored-spec.js";

/** A net that was read from bytes, ready for inference. */
export interface ReadNet {
  /** The caller disposes it. */
  readonly net: Net;
  /** Size, normalization and class names of its images; undefined if neither the file nor its architecture shows them. */
  readonly dataSet: DataSetInfo | undefined;
}

/**
 * Builds the net of a safetensors file: trainable, merged or packed (docs/packed-format.md), a chain or a graph, or a
 * published state dict of a built-in architecture. It computes on the backend of TensorFlow.js that is set.
 * @param nameForErrors the file's name in error messages
 * @throws QpruneError if the bytes are damaged, or contain no known net; nothing in them is trusted.
 */
export const readNet = (bytes: Uint8Array, nameForErrors: string): ReadNet => {
  const file = parseCheckpoint(parseSafetensors(bytes, nameForErrors), nameForErrors);
  return { net: runningNet(storedSpec(file), file), dataSet: knownDataSetInfo(file) };
};
