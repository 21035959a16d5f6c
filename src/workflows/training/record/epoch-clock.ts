/** Measures how long the current epoch has taken, over all calls of its run. */
export interface EpochClock {
  /** Seconds so far. */
  readonly seconds: () => number;
  /** Starts again where another epoch begins. */
  readonly turnTo: (epoch: number) => void;
}

/** `start` is the current epoch, and how many seconds earlier calls spent on it. */
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
