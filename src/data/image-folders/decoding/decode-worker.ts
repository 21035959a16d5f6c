// The entry of a decoding thread. Loads no TensorFlow.
import { parentPort } from "node:worker_threads";
import type { WorkerReply, WorkerRequest } from "../../batches/worker-pool.js";
import { type DecodeJob, type DecodeResult, decodeFiles } from "./decode-files.js";

parentPort?.on("message", async ({ id, job }: WorkerRequest<DecodeJob>) => {
  try {
    const result = await decodeFiles(job);
    const buffers = result.flatMap((each) => ("pixels" in each ? [each.pixels.buffer] : []));
    const reply: WorkerReply<DecodeResult> = { id, result };
    parentPort?.postMessage(reply, buffers);
  } catch (error) {
    const reply: WorkerReply<DecodeResult> = { id, error: String(error) };
    parentPort?.postMessage(reply);
  }
});
