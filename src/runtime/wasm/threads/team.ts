import { QpruneError } from "../../../base/errors.js";
import { partsOf, wholeJobs } from "../../kernels/kernel-job.js";
import type { JobRunner, Kernels } from "../../kernels/kernel-target.js";
import { controlOf, initialize, share, type Thread } from "./control.js";
import { type HostWorker, startWorker } from "./host-worker.js";
import type { WorkerStart } from "./worker.js";

/** How long workers may take to start. */
const START_MS = 10_000;
/** How long a worker may take for a part of a job; on a busy machine it can be interrupted for long. */
const PATIENCE_MS = 10_000;

const NO_WORKERS =
  "no worker starts here; a page's Content-Security-Policy has to allow worker-src blob:";

/** Resolves whether a worker has started. */
const hasStarted = (worker: HostWorker): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, START_MS, false);
    const settle = (isReady: boolean): void => {
      clearTimeout(timer);
      resolve(isReady);
    };
    worker.onMessage(() => settle(true));
    worker.onEnd(() => settle(false));
  });

const started = async (
  program: string,
  message: Omit<WorkerStart, "index">,
  threads: number,
): Promise<HostWorker[]> => {
  const workers: HostWorker[] = [];
  try {
    for (let index = 1; index < threads; index++) {
      const worker = startWorker(program);
      workers.push(worker);
      worker.send({ ...message, index });
    }
  } catch {
    // Those that have started do the work.
  }
  const areReady = await Promise.all(workers.map(hasStarted));
  for (const [at, worker] of workers.entries()) if (!areReady[at]) worker.end();
  return workers.filter((_, at) => areReady[at]);
};

interface TeamOptions {
  readonly kernels: Kernels;
  readonly threads: number;
  /** Of workers, a script. */
  readonly program: string;
  readonly patienceMs?: number;
}

/** Runs the jobs of a net on this thread and on workers; on this thread alone if no worker starts, or none is left. */
export const startTeam = async (
  start: Omit<WorkerStart, "index">,
  { kernels, threads, program, patienceMs = PATIENCE_MS }: TeamOptions,
): Promise<JobRunner> => {
  const { jobs, memory } = start;
  const control = controlOf(memory.buffer);
  initialize(control);
  const workers = new Set(await started(program, start, threads));
  const count = workers.size + 1;
  for (const worker of workers) worker.onEnd(() => workers.delete(worker));
  const alone = wholeJobs(kernels, jobs);
  const own: Thread = { control, kernels, jobs, index: 0 };
  const dispose = (): void => {
    for (const worker of workers) worker.end();
    workers.clear();
  };
  const isShared = jobs.map((job) => partsOf(job) > 1);
  return {
    threads: count,
    obstacle: count < threads ? NO_WORKERS : undefined,
    run: (job) => {
      if (workers.size === 0 || !isShared[job]) return alone.run(job);
      if (share(own, job, patienceMs)) return;
      dispose();
      throw new QpruneError("A thread of the model ended or hangs, so this prediction is lost.", {
        hint: "Predict again: the model computes on one thread from now on.",
      });
    },
    dispose,
  };
};
