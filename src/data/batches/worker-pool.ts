import { Worker } from "node:worker_threads";
import { QpruneError } from "../../base/errors.js";

/** What a worker gets for each job … */
export interface WorkerRequest<Job> {
  readonly id: number;
  readonly job: Job;
}

/** … and what it posts back, under the same id. */
export type WorkerReply<Result> =
  | { readonly id: number; readonly result: Result }
  | { readonly id: number; readonly error: string };

export interface WorkerPoolOptions {
  readonly entry: URL;
  readonly workers: number;
  readonly workerData: unknown;
}

/** Runs jobs on other threads. */
export interface WorkerPool<Job, Result> {
  /** Rejects with a QpruneError if the job or any worker fails, or the pool is closed. */
  run(job: Job): Promise<Result>;
  /** Ends the threads; jobs that still run are rejected. */
  close(): Promise<void>;
}

interface Pending<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: QpruneError) => void;
}

interface Seat<Result> {
  readonly worker: Worker;
  readonly pending: Map<number, Pending<Result>>;
}

const failure = (what: string, cause?: unknown): QpruneError =>
  new QpruneError(`A data worker failed: ${what}.`, {
    hint: "With --num_workers 0 the images are prepared on the main thread.",
    cause,
  });

/**
 * A pool of `workers` threads that are started at the first job. A job goes to the thread with the
 * fewest; threads with a job keep the process alive, idle ones do not. Once a thread has died every
 * job is rejected.
 */
export const createWorkerPool = <Job, Result>(
  options: WorkerPoolOptions,
): WorkerPool<Job, Result> => {
  let seats: Seat<Result>[] | undefined;
  let end: QpruneError | undefined;
  let nextId = 0;

  const endWith = (error: QpruneError): void => {
    // Once is enough, and a later unref() could end the process while close() awaits the threads.
    if (end !== undefined) return;
    end = error;
    for (const { worker, pending } of seats ?? []) {
      for (const { reject } of pending.values()) reject(end);
      pending.clear();
      worker.unref();
    }
  };

  const settle = ({ worker, pending }: Seat<Result>, reply: WorkerReply<Result>): void => {
    const waiting = pending.get(reply.id);
    if (waiting === undefined) return; // It came after the end.
    pending.delete(reply.id);
    if (pending.size === 0) worker.unref();
    if ("error" in reply) waiting.reject(failure(reply.error));
    else waiting.resolve(reply.result);
  };

  const startSeat = (): Seat<Result> => {
    // Of the process's own flags some (--input-type, --eval) would keep a thread from starting.
    const worker = new Worker(options.entry, { workerData: options.workerData, execArgv: [] });
    const seat: Seat<Result> = { worker, pending: new Map() };
    worker.on("message", (reply: WorkerReply<Result>) => settle(seat, reply));
    worker.on("messageerror", (error) => endWith(failure(error.message, error)));
    worker.on("error", (error) => endWith(failure(String(error), error)));
    worker.on("exit", (code) => endWith(failure(`it ended with exit code ${code}`)));
    worker.unref();
    return seat;
  };

  const run = (job: Job): Promise<Result> => {
    if (end !== undefined) return Promise.reject(end);
    seats ??= Array.from({ length: options.workers }, startSeat);
    const seat = seats.reduce((a, b) => (b.pending.size < a.pending.size ? b : a));
    const id = nextId++;
    const result = new Promise<Result>((resolve, reject) => {
      seat.pending.set(id, { resolve, reject });
    });
    seat.worker.ref();
    const request: WorkerRequest<Job> = { id, job };
    seat.worker.postMessage(request);
    return result;
  };

  const close = async (): Promise<void> => {
    endWith(new QpruneError("The data workers were closed while they were still needed."));
    await Promise.all((seats ?? []).map(({ worker }) => worker.terminate()));
  };

  return { run, close };
};
