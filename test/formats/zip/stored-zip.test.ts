import { deflateRawSync, crc32 as zlibCrc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { crc32 } from "../../../src/formats/zip/crc32.js";
import { encodeStoredZip } from "../../../src/formats/zip/encode-stored-zip.js";
import { readStoredZip } from "../../../src/formats/zip/read-stored-zip.js";

const ALIGNMENT = 64;
const options = {
  maxEntries: 10,
  maxNameLength: 20,
  refuse: (reason: string) => new QpruneError(reason),
};

const archiveOf = (entries: Readonly<Record<string, Uint8Array>>): Buffer =>
  Buffer.concat(
    encodeStoredZip(
      Object.entries(entries).map(([name, content]) => ({ name, content })),
      ALIGNMENT,
    ),
  );

const A = Buffer.from("the first");
const B = Buffer.from("another one");
const both = archiveOf({ "f/a": A, "f/b": B });
/** Offset of the directory entry of a name. */
const directoryAt = (archive: Buffer, name: string): number =>
  archive.lastIndexOf(Buffer.from(name)) - 46;

const changed = (change: (archive: Buffer) => void): Buffer => {
  const archive = Buffer.from(both);
  change(archive);
  return archive;
};

const refusal = async (archive: Uint8Array): Promise<string> => {
  const error = await readStoredZip(archive, options).then(
    () => new Error("was accepted"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof QpruneError)) throw error;
  return error.message;
};

test("the checksum is the CRC-32 of zip files", () => {
  for (const text of ["", "a", "123456789", "ÿ".repeat(1000)]) {
    expect(crc32(Buffer.from(text))).toBe(zlibCrc32(text));
  }
});

test("written entries are read in order, and are aligned", async () => {
  const contents = { "f/a": A, "f/empty": new Uint8Array(0), "f/größe": B };
  const archive = archiveOf(contents);
  const read = await readStoredZip(archive, options);
  expect([...read.keys()]).toEqual(Object.keys(contents));
  for (const [name, content] of Object.entries(contents)) {
    const found = read.get(name) as Uint8Array;
    expect(Buffer.from(found).equals(content)).toBe(true);
    expect((found.byteOffset - archive.byteOffset) % ALIGNMENT).toBe(0);
  }
});

test("equal contents yield equal archives", () => {
  expect(archiveOf({ "f/a": A }).equals(archiveOf({ "f/a": A }))).toBe(true);
});

test("an archive without checksums is read", async () => {
  const archive = changed((bytes) => bytes.writeUInt32LE(0, directoryAt(bytes, "f/a") + 16));
  expect((await readStoredZip(archive, options)).size).toBe(2);
});

describe("an archive is refused that", () => {
  test.each([
    ["is cut off", both.subarray(0, -30), /the directory at its end is missing/],
    [
      "is compressed",
      changed((bytes) => bytes.writeUInt16LE(8, directoryAt(bytes, "f/a") + 10)),
      /compressed/,
    ],
    [
      "is encrypted",
      changed((bytes) => bytes.writeUInt16LE(1, directoryAt(bytes, "f/a") + 8)),
      /encrypted/,
    ],
    [
      "declares another size",
      changed((bytes) => bytes.writeUInt32LE(9e8, directoryAt(bytes, "f/a") + 24)),
      /declares 900000000 bytes, but stores 9/,
    ],
    [
      "declares a size beyond its end",
      changed((bytes) => {
        bytes.writeUInt32LE(9e8, directoryAt(bytes, "f/a") + 20);
        bytes.writeUInt32LE(9e8, directoryAt(bytes, "f/a") + 24);
      }),
      /overflows file bounds/,
    ],
    [
      "has other content",
      changed((bytes) => bytes.writeUInt8(0, bytes.indexOf(A))),
      /"f\/a" does not match its checksum/,
    ],
    [
      "has a name twice",
      changed((bytes) => bytes.write("f/a", directoryAt(bytes, "f/b") + 46)),
      /two entries "f\/a"/,
    ],
    [
      "has two entries with the same bytes",
      changed((bytes) => bytes.writeUInt32LE(0, directoryAt(bytes, "f/b") + 42)),
      /overlaps another/,
    ],
    [
      "declares more entries than it has",
      changed((bytes) => bytes.writeUInt16LE(3, bytes.length - 12)),
      /./,
    ],
    [
      "has more entries than the limit",
      archiveOf(Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`f/${at}`, A]))),
      /11 entries \(limit: 10\)/,
    ],
    ["has a long name", archiveOf({ ["n".repeat(21)]: A }), /21 characters/],
    ["has a name that leads out of the archive", archiveOf({ "../a": A }), /relative path/],
  ])("%s", async (_, archive, reason) => {
    expect(await refusal(archive)).toMatch(reason);
  });

  test("would unpack to far more than its size", async () => {
    const bomb = deflateRawSync(Buffer.alloc(10_000_000));
    const archive = archiveOf({ "f/a": bomb });
    const at = directoryAt(archive, "f/a");
    archive.writeUInt16LE(8, at + 10);
    archive.writeUInt32LE(10_000_000, at + 24);
    expect(await refusal(archive)).toMatch(/compressed/);
  });
});
