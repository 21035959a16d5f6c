import { stat } from "node:fs/promises";
import { QpruneError } from "../../base/errors.js";
import { fileKindOf } from "../file-kind-of.js";
import { type Cifar, cifarRecordBytes } from "./cifar.js";

/**
 * How many records a CIFAR file holds; undefined if there is no such file. Throws unless the size
 * is a whole number of records, at least one and at most `maxRecords`: this also bounds what a
 * reader allocates.
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
    throw new QpruneError(`${path} is ${kind.what}, not a file of ${cifar.title}.`, {
      hint: kind.hint ?? `Unpack ${cifar.archive.file} again, or fetch it with --download.`,
    });
  }
  const whole = maxRecords * recordBytes;
  const wrong = !found.isFile()
    ? "is not a file"
    : found.size === 0
      ? "holds no images"
      : `has ${found.size} bytes, which is ${found.size < whole ? "truncated or damaged" : "too large"}`;
  throw new QpruneError(
    `${path} ${wrong}: expected ${whole} bytes (${maxRecords} records of ${recordBytes}) or fewer whole records.`,
    { hint: `Unpack ${cifar.archive.file} again, or fetch it with --download.` },
  );
};
