import { open } from "node:fs/promises";
import { QpruneError } from "../../base/errors.js";

/** Bytes per read. */
const READ_BYTES = 16 * 1024 * 1024;

/** Reads all images of a cache file, `bytes` in total, into shared memory. @throws QpruneError if the file is shorter. */
export const readIntoMemory = async (path: string, bytes: number): Promise<Uint8Array> => {
  const images = new Uint8Array(new SharedArrayBuffer(bytes));
  const handle = await open(path, "r");
  try {
    for (let start = 0; start < bytes; ) {
      const length = Math.min(READ_BYTES, bytes - start);
      // Not every version of Node can read into a view of shared memory.
      const part = Buffer.alloc(length);
      const { bytesRead } = await handle.read(part, 0, length, start);
      if (bytesRead === 0) throw new QpruneError(`${path} was truncated while it was read.`);
      images.set(part.subarray(0, bytesRead), start);
      start += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return images;
};
