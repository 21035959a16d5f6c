import type { JobRunner, KernelJob, Kernels, KernelTarget } from "./kernel-target.js";

/** The work of a job, by which it is split. */
export interface JobWork {
  /** Items of a part are a multiple of it. */
  readonly unit: number;
  /** Of an item, on one thread; roughly. */
  readonly nanoseconds: number;
}

/** Several for each thread, so that one that is interrupted does not hold up the others. */
export const PARTS_PER_THREAD = 4;

/** The items of a part, for some threads. */
export const partItemsOf = (
  items: number,
  { unit, nanoseconds }: JobWork,
  { threads, leastPartNs }: Pick<KernelTarget, "threads" | "leastPartNs">,
): number => {
  const most = threads > 1 ? threads * PARTS_PER_THREAD : 1;
  const parts = Math.min(most, Math.floor((items * nanoseconds) / leastPartNs));
  if (parts < 2) return items;
  return Math.min(items, Math.ceil(items / parts / unit) * unit);
};

export const partsOf = ({ items, partItems }: KernelJob): number => Math.ceil(items / partItems);

/** Computes a part of a job on a thread. */
export const runPart = (
  kernels: Kernels,
  { kernel, args, perItem, threadBytes, items, partItems }: KernelJob,
  part: number,
  thread: number,
): void => {
  const begin = part * partItems;
  const own = args.map((argument, at) => argument + begin * (perItem[at] ?? 0));
  own[0] = (own[0] as number) + thread * threadBytes;
  kernels[kernel](...own, Math.min(partItems, items - begin));
};

/** Runs every job as a whole, on the calling thread. */
export const wholeJobs = (kernels: Kernels, jobs: readonly KernelJob[]): JobRunner => {
  const calls = jobs.map(({ kernel, args, items }) => {
    const call = kernels[kernel];
    return () => call(...args, items);
  });
  return { threads: 1, run: (job) => calls[job]?.(), dispose: () => {} };
};
