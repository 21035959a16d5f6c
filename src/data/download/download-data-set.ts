import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { CIFAR, type Cifar, cifarRecordBytes } from "../cifar/cifar.js";
import { cifarFileRecords } from "../cifar/cifar-file-records.js";
import { findCifarFolder, findCifarPythonFolder } from "../cifar/find-cifar-folder.js";
import type { DataSetName } from "../data-set.js";
import type { ArchiveOverride } from "./archive-override.js";
import { fetchArchive } from "./fetch-archive.js";
import type { FetchProgress } from "./fetch-file.js";
import { unpackArchive } from "./unpack-archive.js";

export interface DownloadDataSetOptions extends ArchiveOverride {
  readonly name: DataSetName;
  /** Created if it does not exist. */
  readonly directory: string;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds before each further attempt after a broken connection. */
  readonly retryWaitsMs?: readonly number[] | undefined;
}

/** The files of the data set, each with its maximal number of records. */
const filesOf = (cifar: Cifar): ReadonlyMap<string, number> =>
  new Map([
    ...cifar.trainFiles.map((file) => [file, cifar.recordsPerTrainFile] as const),
    [cifar.testFile, cifar.recordsPerTestFile],
  ]);

const isComplete = async (cifar: Cifar, folder: string): Promise<boolean> => {
  for (const [file, maxRecords] of filesOf(cifar)) {
    const records = await cifarFileRecords(cifar, join(folder, file), maxRecords).catch(() => 0);
    if (!records) return false;
  }
  return true;
};

/** True if all binary files exist and are whole, or if all files of the Python version exist. */
const isPresent = async (cifar: Cifar, directory: string): Promise<boolean> => {
  const binary = await findCifarFolder(cifar, directory, [...filesOf(cifar).keys()]);
  if (binary && (await isComplete(cifar, binary.folder))) return true;
  const pythonFiles = [...cifar.python.trainFiles, cifar.python.testFile];
  const python = await findCifarPythonFolder(cifar, directory, pythonFiles);
  return python?.found === pythonFiles.length;
};

/** Downloads and unpacks in `work`, then moves each file into `folder`. */
const install = async (
  cifar: Cifar,
  options: DownloadDataSetOptions,
  work: string,
  folder: string,
): Promise<void> => {
  const { url = cifar.archive.url, md5 = cifar.archive.md5 } = options;
  const { onProgress, signal, retryWaitsMs } = options;
  const files = filesOf(cifar);
  const recordBytes = cifarRecordBytes(cifar);
  const archive = join(work, cifar.archive.file);
  const unpacked = join(work, cifar.folder);
  await fetchArchive({ url, md5, file: archive, onProgress, signal, retryWaitsMs });
  await mkdir(unpacked);
  const maxBytesOfFile = new Map(
    [...files].map(([file, records]) => [file, records * recordBytes]),
  );
  await unpackArchive(archive, { folder: cifar.folder, maxBytesOfFile }, unpacked);
  signal?.throwIfAborted();
  // File by file, so that an incomplete or damaged folder with the authors' name is completed. Files in other folders
  // are left alone: "test.bin" may be anything.
  await mkdir(folder, { recursive: true });
  for (const file of files.keys()) await rename(join(unpacked, file), join(folder, file));
};

/**
 * Fetches the authors' binary archive of a CIFAR data set, checks its MD5 sum and unpacks it in `directory`, unless the
 * data set is already there. Until everything is checked it works in a temporary folder inside `directory`, which it
 * always removes.
 * @throws QpruneError with a hint, or the signal's reason if aborted.
 */
export const downloadDataSet = async (
  options: DownloadDataSetOptions,
): Promise<"downloaded" | "present"> => {
  const { name, directory, signal } = options;
  if (name !== "cifar10" && name !== "cifar100") return "present";
  const cifar = CIFAR[name];
  if (await isPresent(cifar, directory)) return "present";
  let work: string | undefined;
  try {
    signal?.throwIfAborted();
    await mkdir(directory, { recursive: true });
    work = await mkdtemp(join(directory, ".qprune-download-"));
    await install(cifar, options, work, join(directory, cifar.folder));
    return "downloaded";
  } catch (cause) {
    signal?.throwIfAborted();
    throw new QpruneError(
      cause instanceof QpruneError
        ? cause.message
        : `Cannot put ${cifar.title} into ${directory}: ${(cause as Error).message}.`,
      {
        hint: `Try again, or get ${cifar.archive.file} by other means and unpack it in ${directory}.`,
        cause,
      },
    );
  } finally {
    if (work !== undefined) await rm(work, { recursive: true, force: true });
  }
};
