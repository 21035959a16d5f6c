import { open } from "node:fs/promises";
import { QpruneError } from "../../base/errors.js";

/** Images read at once from the disk: some megabytes. */
const READ_BYTES = 16 * 1024 * 1024;

/** Reads all images of a file of the cache, `bytes` in all, into shared memory. */
export const readIntoMemory = async (path: string, bytes: number): Promise<Uint8Array> => {
  const images = new Uint8Array(new SharedArrayBuffer(bytes));
  const handle = await open(path, "r");
  try {
    for (let at = 0; at < bytes; ) {
      const length = Math.min(READ_BYTES, bytes - at);
      // A view of shared memory is not taken by every version of Node.
      const part = Buffer.alloc(length);
      const { bytesRead } = await handle.read(part, 0, length, at);
      if (bytesRead === 0) throw new QpruneError(`${path} became shorter while it was read.`);
      images.set(part.subarray(0, bytesRead), at);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return images;
};
