import type { Net } from "../../models/net.js";
import type { Tensor4D } from "../../tensor/tf.js";

const RUNS = 5;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

/**
 * Median times of nets on the same images in milliseconds, measured in turns so that other work on the machine
 * meets all of them.
 */
export const measureTimes = (
  nets: readonly Net[],
  images: Tensor4D,
  now: () => number,
): number[] => {
  const times = nets.map((): number[] => []);
  // The first run warms up.
  for (let run = 0; run <= RUNS; run++) {
    nets.forEach((net, at) => {
      const start = now();
      const logits = net.infer(images);
      logits.dataSync();
      logits.dispose();
      if (run > 0) times[at]?.push(now() - start);
    });
  }
  return times.map(median);
};
