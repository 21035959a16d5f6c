/**
 * How threads share the jobs of a net. Numbers in the first bytes of the net's memory, which are free (kernels/layout.ts), control
 * them. A ticket is the index of a job and the next of its parts; a thread takes the part by replacing the ticket. So nobody
 * waits for a thread that sleeps or has ended, unless it has taken a part.
 */
import { partsOf, runPart } from "../../kernels/kernel-job.js";
import type { KernelJob, Kernels } from "../../kernels/kernel-target.js";

// Indices of numbers of 32 bits, in cache lines of their own.
const TICKET = 32;
const DONE = 64;
const SLEEPERS = 96;
const NUMBERS = 128;

const JOB_SHIFT = 16;
const PART_MASK = 2 ** JOB_SHIFT - 1;

/** Loads between two looks at the clock. */
const LOADS = 200;
/** How long threads look for a change before they sleep: longer than most steps on one thread, and too short to matter. */
const PATIENCE_MS = 0.08;

/** The numbers that control the threads. */
export type Control = Int32Array;

export const controlOf = (buffer: ArrayBufferLike): Control => new Int32Array(buffer, 0, NUMBERS);

/** Before the first job, when no part is left. */
export const initialize = (control: Control): void => {
  Atomics.store(control, TICKET, PART_MASK);
};

/** Waits for another number than `old` for a moment, without sleeping. */
const changesSoon = (control: Control, index: number, old: number): boolean => {
  const end = performance.now() + PATIENCE_MS;
  do for (let load = 0; load < LOADS; load++) if (Atomics.load(control, index) !== old) return true;
  while (performance.now() < end);
  return false;
};

/** What a thread computes with. */
export interface Thread {
  readonly control: Control;
  readonly kernels: Kernels;
  readonly jobs: readonly KernelJob[];
  /** 0: the one that predicts. */
  readonly index: number;
}

/** Computes parts of the current job until none is left, and returns the ticket that it found then. */
const takeParts = ({ control, kernels, jobs, index }: Thread): number => {
  for (;;) {
    const ticket = Atomics.load(control, TICKET);
    const part = ticket & PART_MASK;
    const job = jobs[ticket >>> JOB_SHIFT];
    const parts = job ? partsOf(job) : 0;
    if (!job || part >= parts) return ticket;
    if (Atomics.compareExchange(control, TICKET, ticket, ticket + 1) !== ticket) continue;
    runPart(kernels, job, part, index);
    if (Atomics.add(control, DONE, 1) + 1 === parts) Atomics.notify(control, DONE);
  }
};

/** Computes parts of all jobs, forever. */
export const work = (thread: Thread): never => {
  const { control } = thread;
  for (;;) {
    const ticket = takeParts(thread);
    if (changesSoon(control, TICKET, ticket)) continue;
    Atomics.add(control, SLEEPERS, 1);
    Atomics.wait(control, TICKET, ticket);
    Atomics.sub(control, SLEEPERS, 1);
  }
};

/** Sleeps until a number differs from `old`; where threads must not sleep, as that of a page, it only returns. */
const sleep = (control: Control, index: number, old: number, milliseconds: number): void => {
  try {
    Atomics.wait(control, index, old, milliseconds);
  } catch {
    // The caller looks at the number again.
  }
};

/**
 * Computes a job together with the other threads.
 * @returns whether all parts are computed; otherwise a thread that has taken one has not answered for `patienceMs`
 */
export const share = (thread: Thread, job: number, patienceMs: number): boolean => {
  const { control, jobs } = thread;
  const parts = partsOf(jobs[job] as KernelJob);
  Atomics.store(control, DONE, 0);
  Atomics.store(control, TICKET, job << JOB_SHIFT);
  if (Atomics.load(control, SLEEPERS) > 0) Atomics.notify(control, TICKET);
  takeParts(thread);
  const end = performance.now() + patienceMs;
  for (;;) {
    const done = Atomics.load(control, DONE);
    if (done === parts) return true;
    if (changesSoon(control, DONE, done)) continue;
    if (performance.now() > end) return false;
    sleep(control, DONE, done, patienceMs);
  }
};
