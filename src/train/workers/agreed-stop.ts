import type { Workers } from "../../tensor/workers.js";

/** When the workers of a run stop: all after the same step. */
export interface AgreedStop {
  /** Aborted once all workers stop. */
  readonly signal: AbortSignal;
  /** 1 if this worker has been asked to stop, otherwise 0. */
  readonly asked: () => number;
  /** Receives the sum of `asked` over all workers. */
  readonly agree: (sum: number) => void;
}

/** The abort reason of a worker that stops because another one was asked to. */
export class StoppedByWorker extends Error {
  constructor() {
    super("Another worker was asked to stop.");
  }
}

/** A process alone stops at once. Several workers stop after the step in which one of them has been asked to. */
export const agreedStop = (workers: Workers, signal: AbortSignal): AgreedStop => {
  if (workers.count === 1) return { signal, asked: () => 0, agree: () => {} };
  const controller = new AbortController();
  return {
    signal: controller.signal,
    asked: () => (signal.aborted ? 1 : 0),
    agree: (sum) => {
      if (sum > 0) controller.abort(signal.aborted ? signal.reason : new StoppedByWorker());
    },
  };
};
