import { crc32 } from "./crc32.js";

export interface StoredZipEntry {
  readonly name: string;
  readonly content: Uint8Array;
}

const LOCAL_HEADER = { signature: 0x04034b50, bytes: 30 } as const;
const DIRECTORY_HEADER = { signature: 0x02014b50, bytes: 46 } as const;
const DIRECTORY_END = { signature: 0x06054b50, bytes: 22 } as const;
/** Format version 2.0, UTF-8 names, and the first day of DOS time, so that equal nets yield equal files. */
const VERSION = 20;
const UTF8_NAMES = 0x0800;
const FIRST_DAY = 0x0021;
/** The header of an extra field (identifier and length). Padding is stored in one, as torch.save does. */
const PADDING_ID = 0x4246;
const PADDING_HEADER_BYTES = 4;

/** Bytes of the extra field that moves data from `at` to the next multiple of `alignment`. */
const paddingBytes = (offset: number, alignment: number): number => {
  const begin = Math.ceil((offset + PADDING_HEADER_BYTES) / alignment) * alignment;
  return begin - offset;
};

/** Writes consecutive little-endian fields of [bytes, value]; the remaining bytes are 0. */
const record = (length: number, fields: readonly (readonly [2 | 4, number])[]): Buffer => {
  const bytes = Buffer.alloc(length);
  let offset = 0;
  for (const [size, value] of fields) offset = bytes.writeUIntLE(value, offset, size);
  return bytes;
};

/** Fields of both the local header and the directory. */
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

const localHeader = (entry: StoredZipEntry, offset: number, alignment: number): Buffer => {
  const name = Buffer.from(entry.name);
  const padding = paddingBytes(offset + LOCAL_HEADER.bytes + name.length, alignment);
  const extra = record(padding, [
    [2, PADDING_ID],
    [2, padding - PADDING_HEADER_BYTES],
  ]);
  const fields = [[4, LOCAL_HEADER.signature], ...commonFields(entry), [2, padding]] as const;
  return Buffer.concat([record(LOCAL_HEADER.bytes, fields), name, extra]);
};

const directoryHeader = (entry: StoredZipEntry, offset: number): Buffer => {
  const fields = [
    [4, DIRECTORY_HEADER.signature],
    [2, VERSION],
    ...commonFields(entry),
    // No extra field, comment, disk number or attributes.
    [4, 0],
    [4, 0],
    [4, 0],
    [4, offset],
  ] as const;
  return Buffer.concat([record(DIRECTORY_HEADER.bytes, fields), Buffer.from(entry.name)]);
};

/**
 * Consecutive chunks of a zip archive that stores its entries uncompressed; every entry's content begins at a
 * multiple of `alignment` bytes. The chunks share the contents' memory. The caller ensures at most 65,535
 * entries and 4 GiB, beyond which zip64 would be needed.
 */
export const encodeStoredZip = (
  entries: readonly StoredZipEntry[],
  alignment: number,
): Uint8Array[] => {
  const chunks: Uint8Array[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const header = localHeader(entry, offset, alignment);
    directory.push(directoryHeader(entry, offset));
    chunks.push(header, entry.content);
    offset += header.length + entry.content.length;
  }
  const directoryBytes = directory.reduce((sum, { length }) => sum + length, 0);
  const end = record(DIRECTORY_END.bytes, [
    [4, DIRECTORY_END.signature],
    [4, 0],
    [2, entries.length],
    [2, entries.length],
    [4, directoryBytes],
    [4, offset],
  ]);
  return [...chunks, ...directory, end];
};
