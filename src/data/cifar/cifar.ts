import type { DataSetInfo } from "../data-set.js";
import { CIFAR100_CLASS_NAMES } from "./cifar100-class-names.js";

/** The side of a CIFAR image, in pixels. */
export const CIFAR_SIDE = 32;

/** Bytes of an image: its red, green and blue planes. */
export const CIFAR_IMAGE_BYTES = 3 * CIFAR_SIDE * CIFAR_SIDE;

/** One CIFAR data set: the names of its files, the layout of a record, and where its authors publish it. */
export interface Cifar {
  readonly info: DataSetInfo;
  /** The usual spelling: "CIFAR-10". */
  readonly title: string;
  /** The folder in the authors' archive. */
  readonly folder: string;
  /** The Python version: the same images in the same order, pickled. */
  readonly python: {
    readonly folder: string;
    readonly trainFiles: readonly string[];
    readonly testFile: string;
    /** The keys of the label lists, in the order of labelBytes. */
    readonly labelKeys: readonly string[];
  };
  readonly trainFiles: readonly string[];
  readonly testFile: string;
  /** Records in the authors' files; a file with more is refused. */
  readonly recordsPerTrainFile: number;
  readonly recordsPerTestFile: number;
  /** The label bytes that begin a record, each with its number of classes. The last one is the class; pixels follow. */
  readonly labelBytes: readonly { readonly name: string; readonly classes: number }[];
  /** The authors' archive and the MD5 sum that they publish with it. */
  readonly archive: { readonly file: string; readonly url: string; readonly md5: string };
}

const AUTHORS_SITE = "https://www.cs.toronto.edu/~kriz";
const augmentation = { cropPadding: 4, mirror: true };
const size = { channels: 3, height: CIFAR_SIDE, width: CIFAR_SIDE } as const;

const cifar10: Cifar = {
  info: {
    name: "cifar10",
    ...size,
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.2023, 0.1994, 0.201],
    augmentation,
    classNames: "airplane automobile bird cat deer dog frog horse ship truck".split(" "),
  },
  title: "CIFAR-10",
  folder: "cifar-10-batches-bin",
  python: {
    folder: "cifar-10-batches-py",
    trainFiles: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}`),
    testFile: "test_batch",
    labelKeys: ["labels"],
  },
  trainFiles: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`),
  testFile: "test_batch.bin",
  recordsPerTrainFile: 10_000,
  recordsPerTestFile: 10_000,
  labelBytes: [{ name: "label", classes: 10 }],
  archive: {
    file: "cifar-10-binary.tar.gz",
    url: `${AUTHORS_SITE}/cifar-10-binary.tar.gz`,
    md5: "c32a1d4ab5d03f1284b67883e8d87530",
  },
};

const cifar100: Cifar = {
  info: {
    name: "cifar100",
    ...size,
    mean: [0.5071, 0.4865, 0.4409],
    std: [0.2673, 0.2564, 0.2762],
    augmentation,
    classNames: CIFAR100_CLASS_NAMES,
  },
  title: "CIFAR-100",
  folder: "cifar-100-binary",
  python: {
    folder: "cifar-100-python",
    trainFiles: ["train"],
    testFile: "test",
    labelKeys: ["coarse_labels", "fine_labels"],
  },
  trainFiles: ["train.bin"],
  testFile: "test.bin",
  recordsPerTrainFile: 50_000,
  recordsPerTestFile: 10_000,
  labelBytes: [
    { name: "coarse label", classes: 20 },
    { name: "fine label", classes: 100 },
  ],
  archive: {
    file: "cifar-100-binary.tar.gz",
    url: `${AUTHORS_SITE}/cifar-100-binary.tar.gz`,
    md5: "03b5dce01913d631647c71ecec9e9cb8",
  },
};

export type CifarName = "cifar10" | "cifar100";

export const CIFAR: Readonly<Record<CifarName, Cifar>> = { cifar10, cifar100 };

/** Bytes of one record: the label bytes, then the red, green and blue planes. */
export const cifarRecordBytes = (cifar: Cifar): number =>
  cifar.labelBytes.length + CIFAR_IMAGE_BYTES;
