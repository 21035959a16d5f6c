import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { QpruneError } from "../../../base/errors.js";

/** The headers in the wheel that the binding and the package's own TensorFlow ops include. */
export const HEADER_FOLDERS: readonly string[] = [
  "include/tensorflow/c/",
  "include/tensorflow/core/platform/",
  "include/tensorflow/core/common_runtime/next_pluggable_device/c/",
  "include/tsl/platform/",
  "include/xla/tsl/c/",
];

const WHEEL_FOLDER = "tensorflow/";
/** The largest library has 0.6 GB, and there are about a hundred headers; larger archives are not TensorFlow's wheel. */
const MAX_ENTRY_BYTES = 1.5e9;
const MAX_TOTAL_BYTES = 2e9;
const MAX_ENTRIES = 100_000;

export interface Extraction {
  readonly wheelFile: string;
  readonly folder: string;
  /** Names of the wanted libraries in the wheel's folder `tensorflow/`. */
  readonly libraries: readonly string[];
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

const refuse = (reason: string): never => {
  throw new QpruneError(`The wheel cannot be unpacked: ${reason}.`, {
    hint: "Download it again; it is not the published file.",
  });
};

/** Where an entry is extracted to, relative to the target folder; undefined if it is not needed. */
export const targetOf = (entryName: string, libraries: readonly string[]): string | undefined => {
  if (!entryName.startsWith(WHEEL_FOLDER) || entryName.endsWith("/")) return undefined;
  const path = entryName.slice(WHEEL_FOLDER.length);
  const isWanted =
    libraries.includes(path) || HEADER_FOLDERS.some((folder) => path.startsWith(folder));
  if (!isWanted) return undefined;
  const isPlain = path.split("/").every((part) => /^[\w+.-]+$/.test(part) && !/^\.+$/.test(part));
  return isPlain ? path : refuse(`it has an entry named ${JSON.stringify(entryName)}`);
};

const listEntries = async (zip: ZipFile): Promise<Entry[]> => {
  if (zip.entryCount > MAX_ENTRIES) refuse(`it claims ${zip.entryCount} entries`);
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  return entries;
};

const checkSizes = (entries: readonly Entry[]): number => {
  let total = 0;
  for (const { fileName, uncompressedSize } of entries) {
    total += uncompressedSize;
    if (uncompressedSize > MAX_ENTRY_BYTES || total > MAX_TOTAL_BYTES) {
      refuse(`${fileName} claims ${uncompressedSize} bytes`);
    }
  }
  return total;
};

/** Counts the bytes that pass through. */
const counter = (onBytes: (bytes: number) => void): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });

/** Extracts the libraries and headers that the binding needs from a wheel into `folder`. */
export const extractWheel = async (extraction: Extraction): Promise<void> => {
  const { wheelFile, folder, libraries, onProgress, signal } = extraction;
  const asRefusal = (cause: Error): never => refuse(cause.message);
  const zip = await openPromise(wheelFile, { autoClose: false, strictFileNames: true }).catch(
    asRefusal,
  );
  try {
    const entries: { entry: Entry; path: string }[] = [];
    for (const entry of await listEntries(zip).catch(asRefusal)) {
      const path = targetOf(entry.fileName, libraries);
      if (path !== undefined) entries.push({ entry, path });
    }
    const missing = libraries.find((name) => !entries.some(({ path }) => path === name));
    if (missing) refuse(`it has no ${WHEEL_FOLDER}${missing}`);
    const totalBytes = checkSizes(entries.map(({ entry }) => entry));
    let doneBytes = 0;
    for (const { entry, path } of entries) {
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      const count = counter((bytes) => {
        doneBytes += bytes;
        onProgress(doneBytes, totalBytes);
      });
      const content = await zip.openReadStreamPromise(entry).catch(asRefusal);
      await pipeline(content, count, createWriteStream(target), { ...(signal && { signal }) });
    }
  } finally {
    zip.close();
  }
};
