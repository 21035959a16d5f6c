import { describe, expect, test } from "vitest";
import type { Batch, BatchLoader } from "../../../src/data/batches/batch-loader.js";
import { measureInputSpeed, meterInput } from "../../../src/workflows/training/input-meter.js";

/** A loader of batches of 10 images, each of which takes `ms` on a clock that the test moves. */
const slowLoader = (batches: number, ms: number) => {
  const clock = { time: 0, left: 0 };
  const loader: BatchLoader = {
    batchesPerEpoch: batches,
    async *epoch() {
      try {
        for (let at = 0; at < batches; at++) {
          clock.time += ms;
          yield { images: new Float32Array(0), labels: new Int32Array(10), count: 10 } as Batch;
        }
      } finally {
        clock.left++;
      }
    },
    close: async () => {},
  };
  return { loader, clock, now: () => clock.time };
};

describe("the speed of loading alone", () => {
  test("is measured after a warm-up", async () => {
    const { loader, now } = slowLoader(200, 5);
    expect(await measureInputSpeed(loader, now)).toBe(2000);
  });

  test("is not measured on a few batches, and takes little time with a slow loader", async () => {
    const few = slowLoader(23, 5);
    expect(await measureInputSpeed(few.loader, few.now)).toBeUndefined();
    const slow = slowLoader(1000, 60);
    expect(await measureInputSpeed(slow.loader, slow.now)).toBeCloseTo(1000 / 6, 6);
    expect(slow.clock.left).toBe(1);
    expect(slow.clock.time).toBeLessThan(700);
    const slower = slowLoader(1000, 500);
    expect(await measureInputSpeed(slower.loader, slower.now)).toBe(20);
    expect(slower.clock.time).toBe(5 * 500);
  });
});

describe("a metered loader", () => {
  test("distinguishes the time waiting for batches from the time using them", async () => {
    const { loader, clock, now } = slowLoader(4, 10);
    const metered = meterInput(loader, now);
    expect(metered.speed()).toBeUndefined();
    for await (const _ of metered.epoch(1)) clock.time += 30;
    expect(metered.speed()).toEqual({ trainImagesPerSecond: 250, waitingShare: 0.25 });
  });

  test("counts the batch at which training ends, and stops the loader", async () => {
    const { loader, clock, now } = slowLoader(4, 10);
    const metered = meterInput(loader, now);
    for await (const _ of metered.epoch(1)) {
      clock.time += 30;
      break;
    }
    expect(metered.speed()).toEqual({ trainImagesPerSecond: 250, waitingShare: 0.25 });
    expect(clock.left).toBe(1);
  });
});
