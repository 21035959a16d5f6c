/** Images a second since the last reading, everything between two readings included. */
export interface SpeedMeter {
  readonly restart: () => void;
  readonly count: (images: number) => void;
  /** Reads and starts anew. */
  readonly read: () => number;
}

export const createSpeedMeter = (now: () => number): SpeedMeter => {
  let since = now();
  let images = 0;
  const restart = (): void => {
    since = now();
    images = 0;
  };
  return {
    restart,
    count: (more) => {
      images += more;
    },
    read: () => {
      const speed = images / Math.max((now() - since) / 1000, 1e-9);
      restart();
      return speed;
    },
  };
};
