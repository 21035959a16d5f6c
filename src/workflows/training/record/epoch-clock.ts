/** Tells how long the epoch under way has taken, over all calls of its run. */
export interface EpochClock {
  /** Seconds so far. */
  readonly seconds: () => number;
  /** Begins anew where another epoch is under way. */
  readonly turnTo: (epoch: number) => void;
}

/** `start` is the epoch under way, and how many seconds earlier calls spent on it. */
export const createEpochClock = (
  now: () => number,
  start: { readonly epoch: number; readonly seconds: number },
): EpochClock => {
  let { epoch } = start;
  let since = now() - 1000 * start.seconds;
  return {
    seconds: () => (now() - since) / 1000,
    turnTo: (next) => {
      if (next === epoch) return;
      epoch = next;
      since = now();
    },
  };
};
