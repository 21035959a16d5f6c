import { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import { LENGTH_BYTES, METADATA_KEY } from "./header.js";
import * as limits from "./limits.js";
import {
  DTYPE_BYTES,
  type SafetensorsFile,
  type StoredTensor,
  storedBytes,
} from "./stored-tensor.js";

/** Headers are padded to this, which aligns the data for every element type. */
const ALIGNMENT = 8;

/** Why a tensor cannot be stored, or undefined. */
const tensorFault = (name: string, { dtype, shape, data }: StoredTensor): string | undefined => {
  if (name === METADATA_KEY) return "this name is reserved";
  if (name.length > limits.MAX_NAME_LENGTH) return "its name is too long";
  if (shape.length > limits.MAX_DIMS) return `it has ${shape.length} dimensions`;
  const bytes = storedBytes(dtype, shape);
  if (bytes === data.length) return undefined;
  return `${dtype} of shape [${shape}] takes ${bytes} bytes, not ${data.length}`;
};

const checkLimit = (what: string, value: number, limit: number): void => {
  if (value <= limit) return;
  throw new QpruneError(`Cannot write a safetensors file with ${value} ${what} (limit: ${limit}).`);
};

/** Places the tensors with the widest elements first, so that all are aligned without padding. */
const layOut = (tensors: SafetensorsFile["tensors"]) => {
  const order = [...tensors].sort(([, a], [, b]) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype]);
  const offsets = new Map<string, readonly [begin: number, end: number]>();
  let end = 0;
  for (const [name, { data }] of order) {
    offsets.set(name, [end, end + data.length]);
    end += data.length;
  }
  return { offsets, chunks: order.map(([, { data }]) => data) };
};

/** A member of a JSON object. Members are joined by hand because an object would move keys like "0" to the front. */
const member = (key: string, value: unknown): string =>
  `${JSON.stringify(key)}:${JSON.stringify(value)}`;

const padded = (json: string): Uint8Array => {
  const bytes = new TextEncoder().encode(json);
  const result = new Uint8Array(Math.ceil(bytes.length / ALIGNMENT) * ALIGNMENT).fill(0x20);
  result.set(bytes);
  return result;
};

/**
 * Encodes tensors and metadata as consecutive chunks of a safetensors file. The header lists the tensors in the
 * given order; the chunks share the tensors' memory.
 * @throws QpruneError if a tensor's bytes do not fit its shape, or the file would exceed a limit for reading.
 */
export const encodeSafetensors = (
  tensors: SafetensorsFile["tensors"],
  metadata: SafetensorsFile["metadata"],
): Uint8Array[] => {
  checkLimit("tensors", tensors.size, limits.MAX_TENSORS);
  const metadataLength = Object.entries(metadata).flat().join("").length;
  checkLimit("characters of metadata", metadataLength, limits.MAX_METADATA_LENGTH);
  const { offsets, chunks } = layOut(tensors);
  const members = Object.keys(metadata).length === 0 ? [] : [member(METADATA_KEY, metadata)];
  for (const [name, tensor] of tensors) {
    const fault = tensorFault(name, tensor);
    if (fault !== undefined)
      throw new QpruneError(`Cannot store tensor ${quoted(name)}: ${fault}.`);
    const { dtype, shape } = tensor;
    members.push(member(name, { dtype, shape, data_offsets: offsets.get(name) }));
  }
  const header = padded(`{${members.join(",")}}`);
  checkLimit("bytes of header", header.length, limits.MAX_HEADER_BYTES);
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return [length, header, ...chunks];
};
