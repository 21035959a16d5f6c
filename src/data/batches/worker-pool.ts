import { Worker } from "node:worker_threads";
import { QpruneError } from "../../base/errors.js";

/** What a worker receives for each job. */
export interface WorkerRequest<Job> {
  readonly id: number;
  readonly job: Job;
}

/** What a worker posts back, under the id of the request. */
export type WorkerReply<Result> =
  | { readonly id: number; readonly result: Result }
  | { readonly id: number; readonly error: string };

export interface WorkerPoolOptions {
  readonly entry: URL;
  readonly workers: number;
  readonly workerData: unknown;
}

/** Runs jobs on worker threads. */
export interface WorkerPool<Job, Result> {
  /** Rejects with a QpruneError if the job or any worker fails, or if the pool is closed. */
  run(job: Job): Promise<Result>;
  /** Stops the threads; unfinished jobs are rejected. */
  close(): Promise<void>;
}

interface Pending<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: QpruneError) => void;
}

interface PooledWorker<Result> {
  readonly worker: Worker;
  readonly pending: Map<number, Pending<Result>>;
}

const failure = (what: string, cause?: unknown): QpruneError =>
  new QpruneError(`A data worker failed: ${what}.`, {
    code: "data-worker-failed",
    hint: "Try 0 workers, with which the main thread prepares the images.",
    cause,
  });

/**
 * A pool of `workers` threads, started with the first job. Each job goes to the thread with the fewest pending jobs.
 * Busy threads keep the process alive, idle ones do not. After one thread has died, every job is rejected.
 */
export const createWorkerPool = <Job, Result>(
  options: WorkerPoolOptions,
): WorkerPool<Job, Result> => {
  let pool: PooledWorker<Result>[] | undefined;
  let end: QpruneError | undefined;
  let nextId = 0;

  const endWith = (error: QpruneError): void => {
    // A second unref() could end the process while close() awaits the threads.
    if (end !== undefined) return;
    end = error;
    for (const { worker, pending } of pool ?? []) {
      for (const { reject } of pending.values()) reject(end);
      pending.clear();
      worker.unref();
    }
  };

  const settle = ({ worker, pending }: PooledWorker<Result>, reply: WorkerReply<Result>): void => {
    const waiting = pending.get(reply.id);
    if (waiting === undefined) return; // The pool has already ended.
    pending.delete(reply.id);
    if (pending.size === 0) worker.unref();
    if ("error" in reply) waiting.reject(failure(reply.error));
    else waiting.resolve(reply.result);
  };

  const startWorker = (): PooledWorker<Result> => {
    // Some of the process's own flags (--input-type, --eval) would keep a thread from starting.
    const worker = new Worker(options.entry, { workerData: options.workerData, execArgv: [] });
    const pooled: PooledWorker<Result> = { worker, pending: new Map() };
    worker.on("message", (reply: WorkerReply<Result>) => settle(pooled, reply));
    worker.on("messageerror", (error) => endWith(failure(error.message, error)));
    worker.on("error", (error) => endWith(failure(String(error), error)));
    worker.on("exit", (code) => endWith(failure(`it ended with exit code ${code}`)));
    worker.unref();
    return pooled;
  };

  const run = (job: Job): Promise<Result> => {
    if (end !== undefined) return Promise.reject(end);
    pool ??= Array.from({ length: options.workers }, startWorker);
    const idlest = pool.reduce((a, b) => (b.pending.size < a.pending.size ? b : a));
    const id = nextId++;
    const result = new Promise<Result>((resolve, reject) => {
      idlest.pending.set(id, { resolve, reject });
    });
    idlest.worker.ref();
    const request: WorkerRequest<Job> = { id, job };
    idlest.worker.postMessage(request);
    return result;
  };

  const close = async (): Promise<void> => {
    endWith(new QpruneError("The data workers were closed while they were still needed."));
    await Promise.all((pool ?? []).map(({ worker }) => worker.terminate()));
  };

  return { run, close };
};
