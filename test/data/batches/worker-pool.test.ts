import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { createWorkerPool, type WorkerPool } from "../../../src/data/batches/worker-pool.js";
import { temporaryFolder } from "../cifar/cifar-files.js";

const pools: WorkerPool<number, number>[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

/** A pool whose threads run `onJob` (with `id`, `job` and `reply` at hand) for each job. */
const poolOf = (onJob: string, workers = 2): WorkerPool<number, number> => {
  const entry = join(temporaryFolder(), "worker.mjs");
  writeFileSync(
    entry,
    `import { parentPort, workerData, threadId } from "node:worker_threads";
     const reply = (id, result) => parentPort.postMessage({ id, result });
     parentPort.on("message", ({ id, job }) => { ${onJob} });`,
  );
  const pool = createWorkerPool<number, number>({
    entry: pathToFileURL(entry),
    workers,
    workerData: 100,
  });
  pools.push(pool);
  return pool;
};

const outcomes = async (jobs: readonly Promise<number>[]): Promise<unknown[]> =>
  (await Promise.allSettled(jobs)).map((one) =>
    one.status === "fulfilled" ? one.value : one.reason,
  );

describe("a worker pool", () => {
  test("answers each job with its own result, in any order of completion", async () => {
    const pool = poolOf("setTimeout(() => reply(id, job + workerData), job === 1 ? 50 : 0);");
    expect(await Promise.all([1, 2, 3, 4].map((job) => pool.run(job)))).toEqual([
      101, 102, 103, 104,
    ]);
  });

  test("spreads jobs over its threads", async () => {
    const pool = poolOf("setTimeout(() => reply(id, threadId), 20);");
    expect(new Set(await Promise.all([1, 2, 3, 4].map((job) => pool.run(job)))).size).toBe(2);
  });

  test("an error that a worker reports fails that job alone, as one clear error", async () => {
    const pool = poolOf(
      "if (job === 1) parentPort.postMessage({ id, error: 'no such image' }); else reply(id, job);",
    );
    const [failed, done] = await outcomes([pool.run(1), pool.run(2)]);
    expect(failed).toBeInstanceOf(QpruneError);
    expect(String(failed)).toContain("A data worker failed: no such image.");
    expect(done).toBe(2);
  });

  test.each([
    ["ends with an exit code", "if (job === 1) process.exit(3);", "exit code 3"],
    ["throws", "if (job === 1) throw new TypeError('lost');", "TypeError: lost"],
  ])(
    "when a worker %s, every waiting and later job fails and none hangs",
    async (_what, program, message) => {
      const pool = poolOf(program);
      const waiting = [pool.run(0), pool.run(1), pool.run(0)];
      for (const outcome of await outcomes(waiting)) {
        expect(outcome).toBeInstanceOf(QpruneError);
        expect(String(outcome)).toContain(message);
      }
      await expect(pool.run(0)).rejects.toThrow(message);
      await expect(pool.run(0)).rejects.toHaveProperty("code", "data-worker-failed");
    },
  );

  test("a worker that cannot be loaded fails the job", async () => {
    const pool = createWorkerPool<number, number>({
      entry: pathToFileURL(join(temporaryFolder(), "none.mjs")),
      workers: 1,
      workerData: undefined,
    });
    await expect(pool.run(1)).rejects.toThrow("A data worker failed");
  });

  test("closing rejects pending jobs", async () => {
    const pool = poolOf("");
    const waiting = outcomes([pool.run(1)]);
    await pool.close();
    expect(String(await waiting)).toContain("closed");
  });

  test("starts no thread before the first job, so closing an unused pool does nothing", async () => {
    await poolOf("").close();
  });
});
