import { deflateRawSync } from "node:zlib";
import { encodeStoredZip } from "../../src/formats/zip/encode-stored-zip.js";
import { readStoredZip } from "../../src/formats/zip/read-stored-zip.js";
import { type Draw, mutate } from "./mutate.js";
import { mutateH5 } from "./mutate-h5.js";
import { mutatedText } from "./mutate-json.js";

const ALIGNMENT = 64;
const DIRECTORY_ENTRY = Buffer.from("PK\x01\x02", "latin1");

/** 64 MB of zeros in 64 KB, and what a decompressor that believes the directory would allocate for them. */
const DEFLATED_ZEROS = deflateRawSync(Buffer.alloc(64e6));
const DECLARED = [64e6, 0xffff_fffe, 0];

type Entries = Map<string, Uint8Array>;

const archiveOf = (entries: Entries): Buffer =>
  Buffer.concat(
    encodeStoredZip(
      [...entries].map(([name, content]) => ({ name, content })),
      ALIGNMENT,
    ),
  );

/** The places of an archive's directory entries. */
const directoryOf = (archive: Buffer): number[] => {
  const places: number[] = [];
  let at = archive.indexOf(DIRECTORY_ENTRY);
  while (at >= 0) {
    places.push(at);
    at = archive.indexOf(DIRECTORY_ENTRY, at + 1);
  }
  return places;
};

/** An archive with a compressed entry that becomes a thousand times larger. */
const deflateBomb = (entries: Entries, draw: Draw): Buffer => {
  const names = [...entries.keys()];
  const name = names[draw(names.length)] as string;
  const archive = archiveOf(new Map(entries).set(name, DEFLATED_ZEROS));
  const entry = directoryOf(archive)[names.indexOf(name)] as number;
  archive.writeUInt16LE(8, entry + 10);
  archive.writeUInt32LE(DECLARED[draw(DECLARED.length)] as number, entry + 24);
  return archive;
};

/** An archive with many entries that share the bytes of one. */
const overlapBomb = (entries: Entries, draw: Draw): Buffer => {
  const archive = archiveOf(entries);
  const places = directoryOf(archive);
  const at = places[draw(places.length)] as number;
  const length = 46 + archive.readUInt16LE(at + 28);
  const copies = [1, 40, 900, 60_000][draw(4)] as number;
  const end = Buffer.from(archive.subarray(-22));
  end.writeUInt16LE(places.length + copies, 8);
  end.writeUInt16LE(places.length + copies, 10);
  end.writeUInt32LE(end.readUInt32LE(12) + copies * length, 12);
  const copy = archive.subarray(at, at + length);
  return Buffer.concat([
    archive.subarray(0, -22),
    ...Array.from({ length: copies }, (_, number) => {
      const other = Buffer.from(copy);
      other.write(String(number), 46);
      return other;
    }),
    end,
  ]);
};

/** A .keras archive whose configuration or weights changed, with the right checksums, or one that is a bomb. */
export const mutateKerasArchive = async (bytes: Buffer, draw: Draw): Promise<Buffer> => {
  const refuse = (reason: string) => new Error(reason) as never;
  const entries = await readStoredZip(bytes, { maxEntries: 10, maxNameLength: 100, refuse });
  const config = JSON.parse(Buffer.from(entries.get("config.json") as Uint8Array).toString());
  const weights = Buffer.from(entries.get("model.weights.h5") as Uint8Array);
  switch (draw(8)) {
    case 0:
      return deflateBomb(entries, draw);
    case 1:
      return overlapBomb(entries, draw);
    case 2:
      return archiveOf(entries.set("model.weights.h5", mutate(weights, draw)));
    case 3:
      return archiveOf(entries.set("model.weights.h5", mutateH5(weights, draw)));
    default:
      return archiveOf(entries.set("config.json", Buffer.from(mutatedText(config, draw))));
  }
};
