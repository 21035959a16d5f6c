import { stat } from "node:fs/promises";
import { QpruneError } from "../../base/errors.js";
import { withOpenFile } from "../../files/reading/with-open-file.js";
import { describeFileKind, KIND_BYTES } from "../../formats/describe-file-kind.js";
import type { FileKind } from "../../formats/file-kind.js";
import { type Cifar, cifarRecordBytes } from "./cifar.js";
import { damagedCifar } from "./cifar-errors.js";

/** The kind of file that the first bytes show; undefined if they show none. @throws QpruneError if it cannot be read. */
const fileKindOf = (path: string): Promise<FileKind | undefined> =>
  withOpenFile(path, async ({ read, size }) =>
    describeFileKind(await read(0, Math.min(size, KIND_BYTES))),
  );

/**
 * The number of records in a CIFAR file; undefined if the file does not exist. The check of the size also bounds what a
 * reader allocates.
 * @throws QpruneError unless the size is a whole number of records, from 1 to `maxRecords`.
 */
export const cifarFileRecords = async (
  cifar: Cifar,
  path: string,
  maxRecords: number,
): Promise<number | undefined> => {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw new QpruneError(`Cannot read ${path}: ${cause.message}.`, { cause });
  });
  if (found === undefined) return undefined;
  const recordBytes = cifarRecordBytes(cifar);
  const records = found.size / recordBytes;
  if (Number.isInteger(records) && records >= 1 && records <= maxRecords) return records;
  const kind = found.isFile() ? await fileKindOf(path) : undefined;
  if (kind && found.size > 0) {
    throw damagedCifar(cifar, `${path} is ${kind.what}, not a file of ${cifar.title}.`, kind.hint);
  }
  const whole = maxRecords * recordBytes;
  const wrong = !found.isFile()
    ? "is not a file"
    : found.size === 0
      ? "contains no images"
      : `has ${found.size} bytes, so it is ${found.size < whole ? "truncated or damaged" : "too large"}`;
  throw damagedCifar(
    cifar,
    `${path} ${wrong}: expected ${whole} bytes (${maxRecords} records of ${recordBytes}) or fewer whole records.`,
  );
};
