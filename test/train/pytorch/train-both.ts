import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { randomPermutation } from "../../../src/base/random.js";
import { saveCheckpoint } from "../../../src/checkpoint/checkpoint.js";
import { STREAM } from "../../../src/data/batches/augmentation.js";
import { createBatchLoader } from "../../../src/data/batches/batch-loader.js";
import type { DataSet, ImageSet } from "../../../src/data/data-set.js";
import { buildNet } from "../../../src/models/build-net.js";
import { builtInSpec } from "../../../src/models/chains/built-in-chain.js";
import { builtInNets } from "../../../src/models/chains/built-in-chains.js";
import { widthsOf } from "../../../src/models/chains/chain-spec.js";
import { scaledWidths } from "../../../src/models/chains/descriptions/chain-from-description.js";
import type { Net } from "../../../src/models/net.js";
import { chainSpecOf } from "../../../src/models/net-spec.js";
import { trainNet } from "../../../src/train/train-net.js";
import { startingPosition } from "../../../src/train/training-position.js";
import type { CurveCase } from "./curve-cases.js";

/** What a program measured in each epoch. */
export interface CurvePoint {
  /** Mean over the images of the epoch. */
  readonly trainLoss: number;
  /** Percent of the test images, with recalibrated batch norm. */
  readonly accuracy: number;
}

export interface CurveRun {
  readonly dataSet: DataSet;
  /** Of NIN's widths. */
  readonly width: number;
  readonly epochs: number;
  readonly seed: number;
}

const BATCH = 50;
const RECALIBRATION_BATCHES = 20;
const SCRIPT = fileURLToPath(new URL("../../../bench/torch/curves.py", import.meta.url));

const loaderOf = ({ dataSet, seed }: CurveRun, images: ImageSet, mode: "train" | "evaluate") =>
  createBatchLoader({ images, info: dataSet.info, batchSize: BATCH, mode, seed, workers: 0 });

const newNet = ({ dataSet: { info }, width, seed }: CurveRun, each: CurveCase): Net =>
  buildNet(
    builtInSpec({
      arch: "nin",
      widths: scaledWidths(builtInNets.nin, width),
      classes: info.classNames.length,
      input: { channels: info.channels, height: info.height, width: info.width },
      sequence: each.sequence,
      quantization: each.quantization,
    }),
    { seed, gammaStart: each.gammaStart },
  );

/** All images of a set as nets see them, in the set's order. */
const writeImages = async (path: string, run: CurveRun, images: ImageSet): Promise<void> => {
  const parts: Buffer[] = [];
  for await (const batch of loaderOf(run, images, "evaluate").epoch(0)) {
    const { buffer, byteOffset, byteLength } = batch.images;
    parts.push(Buffer.from(Buffer.from(buffer, byteOffset, byteLength)));
  }
  writeFileSync(path, Buffer.concat(parts));
};

/** Writes what bench/torch/curves.py reads. */
const writeJob = async (
  folder: string,
  run: CurveRun,
  each: CurveCase,
  net: Net,
): Promise<void> => {
  const { dataSet, epochs, seed } = run;
  await saveCheckpoint(join(folder, "init.pth"), net, {
    ...{ spec: net.spec, dataSet: dataSet.info, epoch: 0, isFinished: true, version: "0.0.0" },
  });
  for (const part of ["train", "test"] as const)
    await writeImages(join(folder, `${part}.f32`), run, dataSet[part]);
  const job = {
    ...each.torch,
    ...{ net: "nin", cfg: widthsOf(chainSpecOf(net.spec, "nin")), side: dataSet.info.height },
    ...{ batch: BATCH, recalibrationBatches: RECALIBRATION_BATCHES },
    trainLabels: Array.from(dataSet.train.labels.slice(0, dataSet.train.count)),
    testLabels: Array.from(dataSet.test.labels.slice(0, dataSet.test.count)),
    // One more: its first batches recalibrate the last epoch.
    orders: Array.from({ length: epochs + 1 }, (_, at) =>
      Array.from(randomPermutation(dataSet.train.count, seed, STREAM.order, at + 1)),
    ),
  };
  writeFileSync(join(folder, "job.json"), JSON.stringify(job));
};

const trainHere = async (run: CurveRun, each: CurveCase, net: Net): Promise<CurvePoint[]> => {
  const points: CurvePoint[] = [];
  await trainNet({
    net,
    trainLoader: loaderOf(run, run.dataSet.train, "train"),
    testLoader: loaderOf(run, run.dataSet.test, "evaluate"),
    epochs: run.epochs,
    schedule: () => 0.01,
    weightDecay: each.weightDecay,
    settleBatches: RECALIBRATION_BATCHES,
    maxSteps: Number.POSITIVE_INFINITY,
    position: startingPosition(),
    saveEverySteps: 0,
    signal: new AbortController().signal,
    hooks: {
      onStep: () => {},
      onTestBatch: () => {},
      hasSaved: () => true,
      save: async () => {},
      saveState: async () => {},
      onEpoch: ({ trainLoss, test }) => points.push({ trainLoss, accuracy: test.accuracy }),
    },
  });
  return points;
};

const trainThere = async (python: string, folder: string): Promise<CurvePoint[]> => {
  // Threads that spin while they wait take the time of others on a busy machine.
  const env = { ...process.env, OMP_WAIT_POLICY: "PASSIVE" };
  const { stdout } = await promisify(execFile)(python, [SCRIPT, folder], { env });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as CurvePoint);
};

/**
 * Trains one net here and in PyTorch: the same first weights, images and order, and no augmentation. The folder
 * takes what PyTorch reads.
 */
export const trainBoth = async (
  run: CurveRun,
  each: CurveCase,
  { python, folder }: { readonly python: string; readonly folder: string },
): Promise<{ readonly here: CurvePoint[]; readonly there: CurvePoint[] }> => {
  const net = newNet(run, each);
  try {
    await writeJob(folder, run, each, net);
    const here = await trainHere(run, each, net);
    return { here, there: await trainThere(python, folder) };
  } finally {
    net.dispose();
  }
};
