import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A fresh folder for one test. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "qprune-data-"));

export const CIFAR10_FILES = [1, 2, 3, 4, 5]
  .map((number) => `data_batch_${number}.bin`)
  .concat("test_batch.bin");

/** One record: label bytes, then red, green and blue planes that encode the record's number and the pixel's position. */
export const record = (labels: readonly number[], number: number): Buffer => {
  const bytes = Buffer.alloc(labels.length + 3072);
  bytes.set(labels);
  for (let place = 0; place < 1024; place++) {
    bytes[labels.length + place] = number;
    bytes[labels.length + 1024 + place] = place % 256;
    bytes[labels.length + 2048 + place] = place >> 8;
  }
  return bytes;
};

/** Writes six CIFAR-10 files of `perFile` records, numbered through; record n has the label n % 10. */
export const writeCifar10 = (folder: string, perFile = 2): void => {
  mkdirSync(folder, { recursive: true });
  CIFAR10_FILES.forEach((name, file) => {
    const numbers = Array.from({ length: perFile }, (_, i) => file * perFile + i);
    writeFileSync(
      join(folder, name),
      Buffer.concat(numbers.map((number) => record([number % 10], number))),
    );
  });
};

/** Writes train.bin and test.bin of CIFAR-100 with one record of each given pair of labels. */
export const writeCifar100 = (
  folder: string,
  labels: readonly (readonly [coarse: number, fine: number])[],
): void => {
  mkdirSync(folder, { recursive: true });
  const bytes = Buffer.concat(labels.map((pair, number) => record(pair, number)));
  writeFileSync(join(folder, "train.bin"), bytes);
  writeFileSync(join(folder, "test.bin"), bytes);
};
