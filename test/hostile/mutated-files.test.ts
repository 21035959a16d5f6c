import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QpruneError } from "../../src/base/errors.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { type Draw, drawer, mutate } from "./mutate.js";
import { mutateKerasArchive } from "./mutate-archive.js";
import { mutateH5 } from "./mutate-h5.js";
import { mutateHeader } from "./mutate-header.js";
import { mutatedText } from "./mutate-json.js";
import { mutateOnnx } from "./mutate-onnx.js";
import { type Target, targets } from "./targets.js";
import { wholeNets } from "./whole-files.js";

/** 17 formats, 7 of which are also changed by their structure: 20,160 files in the long form. */
const FILES_PER_FORMAT = Number(
  process.env.QPRUNE_MUTATED_FILES ?? (process.env.QPRUNE_LONG_TESTS ? 840 : 40),
);
const SEED = Number(process.env.QPRUNE_TEST_SEED ?? 1);
/** Of processor time: on a busy machine the clock also counts what others do. */
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

type Mutation = (whole: Buffer, draw: Draw) => Buffer | Promise<Buffer>;

const mutateModelJson: Mutation = (whole, draw) =>
  Buffer.from(mutatedText(JSON.parse(whole.toString()), draw));

/** Changes of what a file describes, within valid bytes. */
const STRUCTURES: Readonly<Record<string, Mutation>> = {
  safetensors: mutateHeader,
  packed: mutateHeader,
  "training state": mutateHeader,
  ONNX: mutateOnnx,
  "model.json": mutateModelJson,
  "Keras .h5": mutateH5,
  "Keras archive": mutateKerasArchive,
};

/** Reads damaged files of a format, and counts those that are refused. */
const readDamaged = async (name: string, mutation: Mutation): Promise<number> => {
  const target = all.find((each) => each.name === name) as Target;
  for (const whole of target.files)
    expect(await give(target, whole)).toMatchObject({ isRefused: false });
  const start = process.memoryUsage.rss();
  const seed = SEED + FORMATS.indexOf(name) * 1000;
  let refused = 0;
  const problems: string[] = [];
  for (let file = 0; file < FILES_PER_FORMAT; file++) {
    const whole = target.files[file % target.files.length] as Buffer;
    const damaged = await mutation(whole, drawer(seed, file));
    const { milliseconds, isRefused, bad } = await give(target, damaged);
    const moreBytes = process.memoryUsage.rss() - start - damaged.length;
    const about = `file ${file} (seed ${seed})`;
    if (bad) problems.push(`${about}: ${(bad as Error).stack ?? bad}`);
    if (milliseconds > MAX_MILLISECONDS) problems.push(`${about}: ${milliseconds} ms`);
    if (moreBytes > MAX_MORE_BYTES) problems.push(`${about}: ${moreBytes} bytes more`);
    if (isRefused) refused++;
  }
  expect(problems).toEqual([]);
  if (process.env.QPRUNE_LONG_TESTS)
    console.log(`${name}: ${refused} of ${FILES_PER_FORMAT} refused`);
  return refused;
};

/** The result for a file: the time, and an error that is not meant for users. */
const give = async (target: Target, bytes: Buffer) => {
  const before = process.cpuUsage();
  const error = await target.read(bytes).catch((caught: unknown) => caught);
  const { user, system } = process.cpuUsage(before);
  const milliseconds = (user + system) / 1000;
  const isPlain =
    error === undefined ||
    (error instanceof QpruneError && !/\n\s+at |undefined|\[object/.test(error.message));
  return { milliseconds, isRefused: error !== undefined, bad: isPlain ? undefined : error };
};

describe(`${FILES_PER_FORMAT} damaged files`, () => {
  test.each(FORMATS)(
    "%s: each is refused with a readable error, or is valid",
    async (name) => {
      const donors = all.flatMap(({ files }) => files);
      const refused = await readDamaged(name, (whole, draw) => mutate(whole, draw, donors));
      expect(refused).toBeGreaterThan(0);
    },
    600_000,
  );

  test.each(Object.keys(STRUCTURES))(
    "%s with another structure: each is refused with a readable error, or is valid",
    async (name) => {
      const refused = await readDamaged(name, STRUCTURES[name] as Mutation);
      expect(refused).toBeGreaterThan(0);
    },
    600_000,
  );
});
