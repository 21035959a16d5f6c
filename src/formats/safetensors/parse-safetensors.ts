import { type Header, LENGTH_BYTES, parseHeader, readHeaderLength } from "./header.js";
import type { SafetensorsFile } from "./stored-tensor.js";

/** The tensors of a checked header, as views of the data after it. */
export const sliceTensors = ({ entries, metadata }: Header, data: Uint8Array): SafetensorsFile => ({
  tensors: new Map(
    entries.map(({ name, dtype, shape, begin, end }) => [
      name,
      { dtype, shape, data: data.subarray(begin, end) },
    ]),
  ),
  metadata,
});

/**
 * Parses the bytes of a safetensors file. The tensors are views of `bytes`.
 * @param nameForErrors the file's name in error messages.
 * @throws QpruneError if the bytes are not a valid file; nothing in them is trusted.
 */
export const parseSafetensors = (bytes: Uint8Array, nameForErrors: string): SafetensorsFile => {
  const dataStart = LENGTH_BYTES + readHeaderLength(bytes, bytes.length, nameForErrors);
  const data = bytes.subarray(dataStart);
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart), data.length, nameForErrors);
  return sliceTensors(header, data);
};
