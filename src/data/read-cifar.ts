import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { QpruneError } from "../core/errors.js";
import { CIFAR_SIDE, type Cifar, cifarRecordBytes } from "./cifar.js";
import { cifarFileRecords } from "./cifar-file-records.js";
import { createImageSet } from "./create-image-set.js";
import type { ImageSet } from "./data-set.js";

const PIXELS = CIFAR_SIDE * CIFAR_SIDE;
/** Records per read: 3 MB at a time. */
const CHUNK_RECORDS = 1000;

/** Copies one record's planes into its place in `set`, pixel by pixel, and checks its labels. */
const takeRecord = (
  cifar: Cifar,
  record: Buffer,
  set: ImageSet,
  index: number,
  where: string,
): void => {
  cifar.labelBytes.forEach(({ name, classes }, place) => {
    const label = record[place] as number;
    if (label >= classes) {
      throw new QpruneError(
        `${where} has the ${name} ${label}: expected 0 to ${classes - 1} (${cifar.title}).`,
        { hint: "The file is damaged or belongs to another data set; fetch it with --download." },
      );
    }
    set.labels[index] = label;
  });
  const { images } = set;
  const planes = cifar.labelBytes.length;
  let to = index * 3 * PIXELS;
  for (let from = planes; from < planes + PIXELS; from++) {
    images[to++] = record[from] as number;
    images[to++] = record[from + PIXELS] as number;
    images[to++] = record[from + 2 * PIXELS] as number;
  }
};

/** Reads the first `count` records of an open file into `set` from `start` on. */
const readRecords = async (
  cifar: Cifar,
  handle: FileHandle,
  path: string,
  set: ImageSet,
  start: number,
  count: number,
): Promise<void> => {
  const recordBytes = cifarRecordBytes(cifar);
  const chunk = Buffer.alloc(Math.min(count, CHUNK_RECORDS) * recordBytes);
  for (let done = 0; done < count; done += CHUNK_RECORDS) {
    const records = Math.min(CHUNK_RECORDS, count - done);
    const wanted = records * recordBytes;
    const { bytesRead } = await handle.read(chunk, 0, wanted, done * recordBytes);
    if (bytesRead !== wanted) throw new QpruneError(`${path} became shorter while it was read.`);
    for (let i = 0; i < records; i++) {
      const record = chunk.subarray(i * recordBytes, (i + 1) * recordBytes);
      takeRecord(cifar, record, set, start + done + i, `${path}: record ${done + i + 1}`);
    }
  }
};

/**
 * Reads the first `limit` images of the files, taken in order, each of at most `maxRecords`
 * records; files past the limit need not exist. Throws on a missing or damaged file and on a label
 * out of range.
 */
export const readCifar = async (
  cifar: Cifar,
  folder: string,
  files: readonly string[],
  maxRecords: number,
  limit: number,
): Promise<ImageSet> => {
  const parts: { path: string; records: number }[] = [];
  const missing: string[] = [];
  let total = 0;
  for (const file of files) {
    if (total >= limit) break;
    const path = join(folder, file);
    const records = await cifarFileRecords(cifar, path, maxRecords);
    if (records === undefined) missing.push(file);
    parts.push({ path, records: Math.min(records ?? 0, limit - total) });
    total += records ?? 0;
  }
  if (missing.length > 0) {
    throw new QpruneError(
      `${cifar.title} is incomplete: ${folder} lacks ${missing.join(", ")} of ${files.join(", ")}.`,
      { hint: `Unpack ${cifar.archive.file} again, or fetch it with --download.` },
    );
  }
  const set = createImageSet(Math.min(total, limit), 3 * PIXELS);
  let start = 0;
  for (const { path, records } of parts) {
    const handle = await open(path);
    try {
      await readRecords(cifar, handle, path, set, start, records);
    } finally {
      await handle.close();
    }
    start += records;
  }
  return set;
};
