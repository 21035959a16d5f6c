import type { FilePath } from "../../../files/file-path.js";
import type { DecodedImage } from "./decode-image.js";
import { openDecodePool } from "./decode-pool.js";
import type { ImageView } from "./image-view.js";

/** Files per job: few enough that all threads finish together, enough that messages cost little. */
const FILES_PER_JOB = 16;

export interface DecodeAllOptions {
  readonly view: ImageView;
  /** Threads; with 0, the calling thread decodes. */
  readonly workers: number;
  readonly signal?: AbortSignal | undefined;
  /** Receives the number of finished files. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** The record of a file that was decoded, or why it could not be. */
export type ImageEntry = Pick<DecodedImage, "ratio" | "digest"> | { readonly damage: string };
/**
 * Decodes files and passes each image with its index in the list to `take`, in any order.
 * @returns an entry for each file, in the order of the list
 * @throws the signal's reason if aborted; QpruneError if the decoder is not installed.
 */
export const decodeAll = async (
  paths: readonly FilePath[],
  take: (index: number, pixels: Uint8Array) => void | Promise<void>,
  { view, workers, signal, onProgress }: DecodeAllOptions,
): Promise<ImageEntry[]> => {
  const entries = new Array<ImageEntry>(paths.length);
  const pool = await openDecodePool(workers);
  let next = 0;
  let done = 0;
  const decodeSome = async (): Promise<void> => {
    while (next < paths.length) {
      signal?.throwIfAborted();
      const start = next;
      next += FILES_PER_JOB;
      const job = { paths: paths.slice(start, start + FILES_PER_JOB), view };
      for (const [offset, result] of (await pool.run(job)).entries()) {
        if ("damage" in result) entries[start + offset] = result;
        else {
          await take(start + offset, result.pixels);
          entries[start + offset] = { ratio: result.ratio, digest: result.digest };
        }
      }
      done += job.paths.length;
      onProgress?.(done);
    }
  };
  try {
    // Two jobs for each thread: one in work, one waiting.
    await Promise.all(Array.from({ length: Math.max(1, 2 * workers) }, decodeSome));
    return entries;
  } finally {
    await pool.close();
  }
};
