import { createWorkerPool, type WorkerPool } from "../../batches/worker-pool.js";
import { type DecodeJob, type DecodeResult, decodeFiles } from "./decode-files.js";
import { loadSharp } from "./load-sharp.js";

/** The compiled entry: tests run from src/, and a worker thread cannot load TypeScript. */
const workerEntry = (): URL =>
  import.meta.url.endsWith(".ts")
    ? new URL("../../../../dist/data/image-folders/decoding/decode-worker.js", import.meta.url)
    : new URL("./decode-worker.js", import.meta.url);

/**
 * Threads that decode images; with 0 workers, the calling thread decodes. The caller closes the pool.
 * @throws QpruneError if the decoder is not installed.
 */
export const openDecodePool = async (
  workers: number,
): Promise<WorkerPool<DecodeJob, DecodeResult>> => {
  await loadSharp();
  if (workers === 0) return { run: decodeFiles, close: async () => {} };
  return createWorkerPool({ entry: workerEntry(), workers, workerData: undefined });
};
