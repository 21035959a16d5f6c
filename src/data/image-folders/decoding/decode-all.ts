import type { FilePath } from "../../../files/file-path.js";
import type { DecodedImage, ImageView } from "./decode-image.js";
import { openDecodePool } from "./decode-pool.js";

/** Files a job: few enough that threads end together, enough that messages cost nothing. */
const JOB_FILES = 16;

export interface DecodeAllOptions {
  readonly view: ImageView;
  /** Threads; with 0 the calling thread decodes. */
  readonly workers: number;
  readonly signal?: AbortSignal | undefined;
  /** Told how many files are done. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** What is known of a file once it was decoded. */
export type ImageEntry = Pick<DecodedImage, "ratio" | "digest"> | { readonly damage: string };

/**
 * Decodes files and hands each image over with its place in the list, in any order.
 * @returns for each file what is known of it, in the order of the list
 * @throws the signal's reason if aborted; QpruneError where the decoder is not installed.
 */
export const decodeAll = async (
  paths: readonly FilePath[],
  take: (place: number, pixels: Uint8Array) => void | Promise<void>,
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
      next += JOB_FILES;
      const job = { paths: paths.slice(start, start + JOB_FILES), view };
      for (const [at, result] of (await pool.run(job)).entries()) {
        if ("damage" in result) entries[start + at] = result;
        else {
          await take(start + at, result.pixels);
          entries[start + at] = { ratio: result.ratio, digest: result.digest };
        }
      }
      done += job.paths.length;
      onProgress?.(done);
    }
  };
  try {
    // Two jobs for each thread: one in hand, one waiting.
    await Promise.all(Array.from({ length: Math.max(1, 2 * workers) }, decodeSome));
    return entries;
  } finally {
    await pool.close();
  }
};
