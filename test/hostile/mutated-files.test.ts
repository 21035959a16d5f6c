import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { drawer, mutate } from "./mutate.js";
import { type Target, targets } from "./targets.js";
import { wholeNets } from "./whole-files.js";

/** 17 formats: 14,280 files in the long form. */
const FILES_PER_FORMAT = Number(
  process.env.QPRUNE_MUTATED_FILES ?? (process.env.QPRUNE_LONG_TESTS ? 840 : 60),
);
const SEED = Number(process.env.QPRUNE_TEST_SEED ?? 1);
const MAX_MILLISECONDS = 1000;
const MAX_MORE_BYTES = 200e6;

const folder = mkdtempSync(join(tmpdir(), "qprune-mutated-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let all: readonly Target[];
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  all = targets(folder, await wholeNets(folder));
});

const FORMATS = [
  "safetensors",
  "packed",
  "training state",
  "pth (zip)",
  "pth (legacy)",
  "pth (training)",
  "CIFAR binary",
  "CIFAR pickle",
  "IDX images",
  "IDX labels",
  "zipped IDX",
  "net description",
  "ONNX",
  "model.json",
  "Keras .h5",
  "Keras archive",
  ".tflite",
];

/** The result for a file: the time, and an error that is not meant for users. */
const give = async (target: Target, bytes: Buffer) => {
  const before = performance.now();
  const error = await target.read(bytes).catch((caught: unknown) => caught);
  const milliseconds = performance.now() - before;
  const isPlain =
    error === undefined ||
    (error instanceof QpruneError && !/\n\s+at |undefined|\[object/.test(error.message));
  return { milliseconds, isRefused: error !== undefined, bad: isPlain ? undefined : error };
};

describe(`${FILES_PER_FORMAT} damaged files`, () => {
  test.each(FORMATS)(
    "%s: each is refused with a readable error, or is valid",
    async (name) => {
      const target = all.find((each) => each.name === name) as Target;
      for (const whole of target.files)
        expect(await give(target, whole)).toMatchObject({ isRefused: false });
      const start = process.memoryUsage.rss();
      let refused = 0;
      for (let file = 0; file < FILES_PER_FORMAT; file++) {
        const whole = target.files[file % target.files.length] as Buffer;
        const seed = SEED + FORMATS.indexOf(name) * 1000;
        const { milliseconds, isRefused, bad } = await give(
          target,
          mutate(whole, drawer(seed, file)),
        );
        if (bad) throw new Error(`file ${file} (seed ${seed})`, { cause: bad });
        expect(milliseconds, `file ${file}`).toBeLessThan(MAX_MILLISECONDS);
        expect(process.memoryUsage.rss() - start, `file ${file}`).toBeLessThan(MAX_MORE_BYTES);
        if (isRefused) refused++;
      }
      if (process.env.QPRUNE_LONG_TESTS) {
        console.log(`${name}: ${refused} of ${FILES_PER_FORMAT} refused`);
      }
      expect(refused).toBeGreaterThan(0);
    },
    600_000,
  );
});
