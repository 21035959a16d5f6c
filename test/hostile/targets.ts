import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { runningNet } from "../../src/checkpoint/running-net.js";
import {
  applyTrainingState,
  readTrainingState,
} from "../../src/checkpoint/training/training-state.js";
import { DIGITS_FOLDER, readDigits } from "../../src/data/digits.js";
import { loadDataSet } from "../../src/data/load-data-set.js";
import { storedBytes } from "../../src/formats/safetensors/stored-tensor.js";
import { buildNet } from "../../src/models/build-net.js";
import { readDescription } from "../../src/models/chains/descriptions/read-chain-description.js";
import { trainerTensors } from "../../src/models/trainer-state.js";
import { readJsonFile } from "../../src/workflows/nets/read-json-file.js";
import { readRecord } from "../../src/workflows/training/resume/run-record.js";
import { writeCifar10 } from "../data/cifar/cifar-files.js";
import { cifarPickle, PYTHON_3 } from "../data/cifar/cifar-pickle.js";
import { randomTensor } from "../random-tensor.js";

/** A format of untrusted files: valid files, and a function that reads and checks one. */
export interface Target {
  readonly name: string;
  readonly files: readonly Buffer[];
  /** Reads the bytes as a command would. @throws an Error with a plain message if the content is inconsistent. */
  readonly read: (bytes: Buffer) => Promise<void>;
}

const claim = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`accepted, but ${what}`);
};

/** Largest input, in numbers, on which an accepted net is run; a spec may declare sides of 60,000. */
const MAX_INPUT = 3 * 32 * 32;

/** Reads a net of any format, and runs it. */
const readNet = async (path: string): Promise<void> => {
  const file = await loadCheckpoint(path);
  for (const [name, { dtype, shape, data }] of file.state) {
    claim(data.length === storedBytes(dtype, shape), `${name} has ${data.length} bytes`);
  }
  if (!file.manifest) return;
  const { spec } = file.manifest;
  const { height, width, channels } = spec.input;
  if (height * width * channels > MAX_INPUT) return;
  const net = runningNet(spec, file);
  const images = randomTensor([1, height, width, channels], 7);
  const logits = net.infer(images as never);
  claim(logits.size === spec.classes, `the net gives ${logits.size} logits`);
  for (const each of [logits, images, net]) each.dispose();
};

const readState = async (path: string): Promise<void> => {
  const state = await readTrainingState(path);
  if (!state) return;
  readRecord(state.record, path);
  const net = buildNet(state.manifest.spec, { seed: 1, gammaStart: "ones" });
  try {
    const trainer = applyTrainingState(net, state);
    claim(trainer.optimizer.slots.length === net.parameters.length, "moments are missing");
    for (const tensor of trainerTensors(trainer)) tensor.dispose();
  } finally {
    net.dispose();
  }
};

const dataTargets = (folder: string): Target[] => {
  const [binary, python, digits] = ["binary", "python", "digits"].map((name) => join(folder, name));
  for (const each of [binary, python, digits]) mkdirSync(each as string, { recursive: true });
  writeCifar10(binary as string);
  const load = (directory: string) =>
    loadDataSet({ name: "cifar10", directory, parts: "test only" });
  const check = async (directory: string): Promise<void> => {
    const { test } = await load(directory);
    claim(test.images.length === test.count * 3072, "images are missing");
    claim(
      test.labels.every((label) => label < 10),
      "a label is out of range",
    );
  };
  const digitFiles = ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"] as const;
  for (const name of digitFiles)
    copyFileSync(join(DIGITS_FOLDER, name), join(digits as string, name));
  const rawLabels = Buffer.concat([Buffer.from([0, 0, 8, 1, 0, 0, 0, 2]), Buffer.from([3, 4])]);
  const rawImages = Buffer.concat([
    Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28]),
    Buffer.alloc(2 * 28 * 28, 9),
  ]);
  const readIdx = (isLabels: boolean, zip: boolean) => async (bytes: Buffer) => {
    const [images, labels] = isLabels ? [gzipSync(rawImages), bytes] : [bytes, gzipSync(rawLabels)];
    const given = (part: Buffer, isChanged: boolean) => (zip && isChanged ? gzipSync(part) : part);
    writeFileSync(join(digits as string, digitFiles[0]), given(images, !isLabels));
    writeFileSync(join(digits as string, digitFiles[1]), given(labels, isLabels));
    const set = await readDigits(digits as string, "t10k", Number.POSITIVE_INFINITY);
    claim(set.count === 2 && set.labels.every((label) => label < 10), "digits are not those");
  };
  return [
    {
      name: "CIFAR binary",
      files: [readFileSync(join(binary as string, "test_batch.bin"))],
      read: async (bytes) => {
        writeFileSync(join(binary as string, "test_batch.bin"), bytes);
        await check(binary as string);
      },
    },
    {
      name: "CIFAR pickle",
      files: [Buffer.from(cifarPickle({ labels: [1, 2] }, 0, PYTHON_3))],
      read: async (bytes) => {
        writeFileSync(join(python as string, "test_batch"), bytes);
        await check(python as string);
      },
    },
    { name: "IDX images", files: [rawImages], read: readIdx(false, true) },
    { name: "IDX labels", files: [rawLabels], read: readIdx(true, true) },
    { name: "zipped IDX", files: [gzipSync(rawImages)], read: readIdx(false, false) },
  ];
};

/** All formats; `nets` are valid files by the name of their format. */
export const targets = (
  folder: string,
  nets: Readonly<Record<string, readonly Buffer[]>>,
): Target[] => {
  const scratch = join(folder, "given");
  const written = (read: (path: string) => Promise<void>) => async (bytes: Buffer) => {
    writeFileSync(scratch, bytes);
    await read(scratch);
  };
  const netTargets = Object.entries(nets).map(([name, files]) => ({
    name,
    files,
    read: written(name === "training state" ? readState : readNet),
  }));
  const description = readFileSync(new URL("../../examples/nets/vgg.json", import.meta.url));
  const readSpec = written(async (path) => {
    const { convs } = readDescription(await readJsonFile(path), path);
    claim(convs.length > 0, "the net has no convolutions");
  });
  return [
    ...netTargets,
    ...dataTargets(folder),
    { name: "net description", files: [description], read: readSpec },
  ];
};
