import { crc32 } from "./crc32.js";

export interface StoredZipEntry {
  readonly name: string;
  readonly content: Uint8Array;
}

const LOCAL_HEADER = { signature: 0x04034b50, bytes: 30 } as const;
const DIRECTORY_HEADER = { signature: 0x02014b50, bytes: 46 } as const;
const DIRECTORY_END = { signature: 0x06054b50, bytes: 22 } as const;
/** Version 2.0 of the format; names are UTF-8; the day that counting begins with, so that equal nets make equal files. */
const VERSION = 20;
const UTF8_NAMES = 0x0800;
const FIRST_DAY = 0x0021;
/** The head of an extra field: its identifier and length. Padding goes into one, as torch.save does it. */
const PADDING_ID = 0x4246;
const PADDING_HEAD_BYTES = 4;

/** Bytes of the extra field that moves data which would begin at `at` to the next multiple of `alignment`. */
const paddingBytes = (at: number, alignment: number): number => {
  const begin = Math.ceil((at + PADDING_HEAD_BYTES) / alignment) * alignment;
  return begin - at;
};

/** Writes little-endian fields of [bytes, value] one after the other; what is left stays 0. */
const record = (length: number, fields: readonly (readonly [2 | 4, number])[]): Buffer => {
  const bytes = Buffer.alloc(length);
  let at = 0;
  for (const [size, value] of fields) at = bytes.writeUIntLE(value, at, size);
  return bytes;
};

/** What local header and directory both say. */
const commonFields = ({ name, content }: StoredZipEntry): (readonly [2 | 4, number])[] => [
  [2, VERSION],
  [2, UTF8_NAMES],
  [2, 0],
  [2, 0],
  [2, FIRST_DAY],
  [4, crc32(content)],
  [4, content.length],
  [4, content.length],
  [2, Buffer.byteLength(name)],
];

const localHeader = (entry: StoredZipEntry, at: number, alignment: number): Buffer => {
  const name = Buffer.from(entry.name);
  const padding = paddingBytes(at + LOCAL_HEADER.bytes + name.length, alignment);
  const extra = record(padding, [
    [2, PADDING_ID],
    [2, padding - PADDING_HEAD_BYTES],
  ]);
  const fields = [[4, LOCAL_HEADER.signature], ...commonFields(entry), [2, padding]] as const;
  return Buffer.concat([record(LOCAL_HEADER.bytes, fields), name, extra]);
};

const directoryHeader = (entry: StoredZipEntry, at: number): Buffer => {
  const fields = [
    [4, DIRECTORY_HEADER.signature],
    [2, VERSION],
    ...commonFields(entry),
    // No extra field, comment, disk or attributes.
    [4, 0],
    [4, 0],
    [4, 0],
    [4, at],
  ] as const;
  return Buffer.concat([record(DIRECTORY_HEADER.bytes, fields), Buffer.from(entry.name)]);
};

/**
 * The chunks of a zip archive that stores its entries, to be written one after the other; every entry's
 * content begins at a multiple of `alignment` bytes. The chunks share the contents' memory. At most 65,535
 * entries and 4 GiB: past that a zip file has another layout (zip64).
 */
export const encodeStoredZip = (
  entries: readonly StoredZipEntry[],
  alignment: number,
): Uint8Array[] => {
  const chunks: Uint8Array[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const header = localHeader(entry, at, alignment);
    directory.push(directoryHeader(entry, at));
    chunks.push(header, entry.content);
    at += header.length + entry.content.length;
  }
  const directoryBytes = directory.reduce((sum, { length }) => sum + length, 0);
  const end = record(DIRECTORY_END.bytes, [
    [4, DIRECTORY_END.signature],
    [4, 0],
    [2, entries.length],
    [2, entries.length],
    [4, directoryBytes],
    [4, at],
  ]);
  return [...chunks, ...directory, end];
};
