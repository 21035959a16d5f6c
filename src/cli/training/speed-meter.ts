/** Measures images per second between readings, including all pauses. */
export interface SpeedMeter {
  readonly restart: () => void;
  readonly count: (images: number) => void;
  /** Returns the speed since the last reading and restarts. */
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
