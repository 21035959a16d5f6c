import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { createImageSet } from "../create-image-set.js";
import type { ImageSet } from "../data-set.js";
import { CIFAR_IMAGE_BYTES, type Cifar, cifarRecordBytes } from "./cifar.js";
import { incompleteCifar } from "./cifar-errors.js";
import { cifarFileRecords } from "./cifar-file-records.js";
import { takeCifarImage } from "./take-cifar-image.js";

/** Records per read: 3 MB at a time. */
const CHUNK_RECORDS = 1000;

/** Reads the first `count` records of an open file into `set`, beginning at index `start`. */
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
    if (bytesRead !== wanted) throw new QpruneError(`${path} was truncated while it was read.`);
    for (let i = 0; i < records; i++) {
      const record = chunk.subarray(i * recordBytes, (i + 1) * recordBytes);
      takeCifarImage(cifar, set, start + done + i, {
        labels: record.subarray(0, cifar.labelBytes.length),
        planes: record.subarray(cifar.labelBytes.length),
        where: `${path}: record ${done + i + 1}`,
      });
    }
  }
};

/**
 * Reads the first `limit` images from the files, in order, each with at most `maxRecords` records. Files past the limit
 * need not exist.
 * @throws QpruneError for a missing or damaged file and for a label out of range.
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
  if (missing.length > 0) throw incompleteCifar(cifar, folder, missing, files);
  const set = createImageSet(Math.min(total, limit), CIFAR_IMAGE_BYTES);
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
