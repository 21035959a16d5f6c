import type { Net } from "../../models/net.js";
import type { Tensor4D } from "../../tensor/tf.js";

const RUNS = 5;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

/**
 * Median times of nets on the same images, in milliseconds. The nets run in turn, so that other work on the machine
 * affects all of them.
 */
export const measureTimes = (
  nets: readonly Net[],
  images: Tensor4D,
  now: () => number,
): number[] => {
  const times = nets.map((): number[] => []);
  // The first run is a warm-up.
  for (let run = 0; run <= RUNS; run++) {
    nets.forEach((net, index) => {
      const start = now();
      const logits = net.infer(images);
      logits.dataSync();
      logits.dispose();
      if (run > 0) times[index]?.push(now() - start);
    });
  }
  return times.map(median);
};
