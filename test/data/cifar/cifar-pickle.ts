import { mkdirSync, writeFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { join, pickleBytes, text, uint32 } from "../../formats/pickle/pickle-bytes.js";
import { record } from "./cifar-files.js";

/** How a Python writes texts and bytes. */
export interface Writer {
  readonly key: (name: string) => Buffer;
  readonly bytes: (bytes: Uint8Array) => Buffer;
  readonly module: string;
}

/** Python 2, with which the authors' files were made. */
export const PYTHON_2: Writer = {
  key: (name) => join("U", name.length, name),
  bytes: (bytes) => join("T", uint32(bytes.length), bytes),
  module: "numpy.core.multiarray",
};

const encoded = (bytes: Uint8Array): Buffer => {
  const latin1 = text(Buffer.from(bytes).toString("latin1"));
  return join("c_codecs\nencode\n", latin1, text("latin1"), 0x86, "R");
};

/** Python 3 in protocol 2, which has no bytes, with bytes for keys. */
export const PYTHON_3: Writer = {
  key: (name) => encoded(Buffer.from(name)),
  bytes: encoded,
  module: "numpy._core.multiarray",
};

const dtype = (name: string, { key }: Writer): Buffer =>
  join(
    "cnumpy\ndtype\n",
    key(name),
    "K",
    0,
    "K",
    1,
    0x87,
    "R(K",
    3,
    key("|"),
    "NNNJ",
    uint32(0xffffffff),
    "J",
    uint32(0xffffffff),
    "K",
    0,
    "tb",
  );

export interface ArrayPart {
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  readonly type?: string;
  readonly isFortran?: boolean;
}

/** The part of a pickle that makes a NumPy array. */
export const arrayPart = (array: ArrayPart, writer: Writer): Buffer => {
  const { shape, bytes, type = "u1", isFortran = false } = array;
  const empty = join(
    `c${writer.module}\n_reconstruct\ncnumpy\nndarray\nK`,
    0,
    0x85,
    writer.key("b"),
    0x87,
    "R",
  );
  const sides = join("(", ...shape.map((side) => join("J", uint32(side))), "t");
  return join(
    empty,
    "(K",
    1,
    sides,
    dtype(type, writer),
    isFortran ? 0x88 : 0x89,
    writer.bytes(bytes),
    "tb",
  );
};

const listPart = (values: readonly number[]): Buffer =>
  join("](", ...values.map((value) => join("K", value)), "e");

/** The pickle of a dict whose keys a writer writes. */
export const dictPickle = (
  entries: Readonly<Record<string, Uint8Array>>,
  { key }: Writer,
): Uint8Array =>
  pickleBytes("}(", ...Object.entries(entries).flatMap(([name, part]) => [key(name), part]), "u");

/** A file of images numbered from `first` on, as record() makes them; each row of labels is a list of the file. */
export const cifarPickle = (
  labels: Readonly<Record<string, readonly number[]>>,
  first: number,
  writer: Writer,
): Uint8Array => {
  const count = Object.values(labels)[0]?.length ?? 0;
  const bytes = Buffer.concat(Array.from({ length: count }, (_, at) => record([], first + at)));
  const lists = Object.entries(labels).map(([key, list]) => [key, listPart(list)] as const);
  return dictPickle(
    {
      batch_label: writer.bytes(Buffer.from("a batch")),
      ...Object.fromEntries(lists),
      data: arrayPart({ shape: [count, 3072], bytes }, writer),
      filenames: join("](", ...Array.from({ length: count }, () => writer.key("a.png")), "e"),
    },
    writer,
  );
};

export const CIFAR10_PYTHON_FILES = [1, 2, 3, 4, 5]
  .map((number) => `data_batch_${number}`)
  .concat("test_batch");

/** Writes six files of two images, numbered through; image n has the label n % 10. */
export const writeCifar10Python = (folder: string, writer: Writer = PYTHON_2): void => {
  mkdirSync(folder, { recursive: true });
  CIFAR10_PYTHON_FILES.forEach((name, file) => {
    const labels = [(2 * file) % 10, (2 * file + 1) % 10];
    writeFileSync(joinPath(folder, name), cifarPickle({ labels }, 2 * file, writer));
  });
};
