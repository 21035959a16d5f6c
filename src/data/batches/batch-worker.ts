// The entry of a data thread: prepares the batches that the batch loader requests. Loads no TensorFlow.
import { parentPort, workerData } from "node:worker_threads";
import { type BatchJob, type BatchSource, batchPreparer } from "./batch-preparer.js";
import type { WorkerReply, WorkerRequest } from "./worker-pool.js";

// Both casts are safe: only the batch loader's pool starts this thread and posts to it.
const prepare = batchPreparer(workerData as BatchSource);

parentPort?.on("message", ({ id, job }: WorkerRequest<BatchJob>) => {
  try {
    const result = prepare(job);
    const reply: WorkerReply<Float32Array> = { id, result };
    parentPort?.postMessage(reply, [result.buffer]);
  } catch (error) {
    const reply: WorkerReply<Float32Array> = { id, error: String(error) };
    parentPort?.postMessage(reply);
  }
});
