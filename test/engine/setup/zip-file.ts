import { crc32 } from "node:zlib";

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_RECORD = 0x06054b50;

export interface ZipEntry {
  readonly name: string;
  readonly content: string;
  /** A size to claim instead of the true one. */
  readonly claimedBytes?: number;
}

const record = (...fields: readonly (readonly [bytes: 2 | 4, value: number])[]): Buffer =>
  Buffer.concat(
    fields.map(([bytes, value]) => {
      const field = Buffer.alloc(bytes);
      field.writeUIntLE(value, 0, bytes);
      return field;
    }),
  );

/** A zip archive with uncompressed entries, byte by byte, so that tests can make malformed ones. */
export const zipFile = (entries: readonly ZipEntry[]): Buffer => {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, content, claimedBytes } of entries) {
    const data = Buffer.from(content);
    const size = claimedBytes ?? data.length;
    const nameBytes = Buffer.from(name);
    const common: [2 | 4, number][] = [
      [2, 20],
      [2, 0],
      [2, 0],
      [2, 0],
      [2, 0],
      [4, crc32(data)],
      [4, size],
      [4, size],
      [2, nameBytes.length],
      [2, 0],
    ];
    const local = Buffer.concat([record([4, LOCAL_HEADER], ...common), nameBytes, data]);
    const rest: [2 | 4, number][] = [
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, offset],
    ];
    centrals.push(record([4, CENTRAL_HEADER], [2, 20], ...common, ...rest), nameBytes);
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  const counts: [2 | 4, number][] = [
    [2, 0],
    [2, 0],
    [2, entries.length],
    [2, entries.length],
  ];
  const end = record([4, END_RECORD], ...counts, [4, central.length], [4, offset], [2, 0]);
  return Buffer.concat([...locals, central, end]);
};
