import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { QpruneError } from "../../base/errors.js";
import { quoted, visibleText } from "../../base/visible-text.js";
import { crc32 } from "./crc32.js";

const STORED = 0;
/** The checksum field of archives written without checksums (torch.serialization.set_crc32_options). */
const NO_CHECKSUM = 0;

export interface StoredZipOptions {
  /** Limit on the number of entries (CWE-770). */
  readonly maxEntries: number;
  /** Limit on the characters of an entry's name. */
  readonly maxNameLength: number;
  /** What writes such archives, for messages. */
  readonly writer?: string;
  /** Throws if the names of the entries show that it is another kind of archive. */
  readonly checkNames?: (names: ReadonlySet<string>) => void;
  /** Creates the error for an archive with this problem. */
  readonly refuse: (reason: string, cause?: unknown) => QpruneError;
}

/** An entry at bytes `begin` to `end` of the archive. */
interface Extent {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
  readonly checksum: number;
}

/** yauzl's error message as part of a sentence. */
const zipReason = (message: string): string =>
  message.startsWith("End of central directory record signature not found")
    ? "it begins as a zip archive, but the directory at its end is missing"
    : message.replace(/\.$/, "");

const entryProblem = (
  entry: Entry,
  { maxNameLength, writer = "torch.save" }: StoredZipOptions,
): string | undefined => {
  const { fileName, compressionMethod, compressedSize, uncompressedSize } = entry;
  if (fileName.length > maxNameLength) {
    return `the name of an entry has ${fileName.length} characters (limit: ${maxNameLength})`;
  }
  const shown = quoted(fileName);
  if (entry.isEncrypted()) return `entry ${shown} is encrypted`;
  if (compressionMethod !== STORED)
    return `entry ${shown} is compressed; ${writer} never compresses`;
  if (compressedSize === uncompressedSize) return undefined;
  return `entry ${shown} declares ${uncompressedSize} bytes, but stores ${compressedSize}`;
};

const listExtents = async (zip: ZipFile, options: StoredZipOptions): Promise<Extent[]> => {
  const { maxEntries, refuse } = options;
  if (zip.entryCount > maxEntries) {
    throw refuse(`it declares ${zip.entryCount} entries (limit: ${maxEntries})`);
  }
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  options.checkNames?.(new Set(entries.map(({ fileName }) => fileName)));
  const extents: Extent[] = [];
  for (const entry of entries) {
    const problem = entryProblem(entry, options);
    if (problem !== undefined) throw refuse(problem);
    const { fileDataStart: begin } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    const { fileName: name, compressedSize, crc32: checksum } = entry;
    extents.push({ name, begin, end: begin + compressedSize, checksum });
  }
  return extents;
};

/** Refuses duplicate names (CWE-436) and entries that share bytes (zip bombs, CWE-409). */
const checkExtents = (extents: readonly Extent[], { refuse }: StoredZipOptions): void => {
  const names = new Set<string>();
  let covered = 0;
  for (const { name, begin, end } of extents.toSorted(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    const shown = quoted(name);
    if (names.has(name)) throw refuse(`it has two entries ${shown}`);
    if (begin < covered) throw refuse(`entry ${shown} overlaps another`);
    names.add(name);
    covered = end;
  }
};

const contentOf = (
  bytes: Uint8Array,
  { name, begin, end, checksum }: Extent,
  { refuse }: StoredZipOptions,
): Uint8Array => {
  const content = bytes.subarray(begin, end);
  if (content.length < end - begin) throw refuse(`entry ${quoted(name)} ends early`);
  if (checksum !== NO_CHECKSUM && crc32(content) !== checksum) {
    throw refuse(`entry ${quoted(name)} does not match its checksum`);
  }
  return content;
};

/**
 * Reads a zip archive that stores its entries uncompressed: the entries by name, as views of `bytes`.
 * @throws QpruneError for an archive that is damaged, compressed, declares wrong sizes, or exceeds a limit.
 */
export const readStoredZip = async (
  bytes: Uint8Array,
  options: StoredZipOptions,
): Promise<Map<string, Uint8Array>> => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const zip = await fromBufferPromise(buffer, {
      strictFileNames: true,
      // Sizes are compared below, with clearer error messages.
      validateEntrySizes: false,
    });
    const extents = await listExtents(zip, options);
    checkExtents(extents, options);
    return new Map(extents.map((extent) => [extent.name, contentOf(bytes, extent, options)]));
  } catch (cause) {
    if (cause instanceof QpruneError) throw cause;
    throw options.refuse(visibleText(zipReason((cause as Error).message)), cause);
  }
};
