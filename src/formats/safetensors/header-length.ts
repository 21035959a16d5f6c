import { MAX_HEADER_BYTES } from "./limits.js";
import { malformed } from "./malformed.js";

/** Bytes in front of the header, which hold its length. */
export const LENGTH_BYTES = 8;

/**
 * Reads the header's length from the first bytes of a file of `fileBytes` bytes.
 * @throws QpruneError if a header of that length cannot be in the file.
 */
export const readHeaderLength = (
  start: Uint8Array,
  fileBytes: number,
  fileName: string,
): number => {
  if (start.length < LENGTH_BYTES || fileBytes < LENGTH_BYTES) {
    throw malformed(fileName, `it has ${fileBytes} bytes, too few for the header's length`);
  }
  const view = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw malformed(fileName, `its header would have ${length} bytes (limit: ${MAX_HEADER_BYTES})`);
  }
  if (Number(length) > fileBytes - LENGTH_BYTES) {
    throw malformed(fileName, `its header would have ${length} bytes, the file has ${fileBytes}`);
  }
  return Number(length);
};
