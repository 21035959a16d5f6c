import type { FileHandle } from "node:fs/promises";
import { z } from "zod";
import type { ImageEntry } from "./decoding/decode-all.js";

// Layout of a file of decoded images: the images, one after the other; their entries as JSON; the length of that JSON
// as a 4-byte number; the mark.

const MARK = Buffer.from("qprune images 1\n", "latin1");
const LENGTH_BYTES = 4;
const FOOT_BYTES = LENGTH_BYTES + MARK.length;
/** Enough for a million images with their digests. */
const MAX_JSON_BYTES = 200 * 1024 * 1024;

const entriesSchema = z.array(
  z.union([
    z.object({ ratio: z.number().positive(), digest: z.string() }),
    z.object({ damage: z.string() }),
  ]),
);

/** The part of the file that follows the images. */
export const encodeTail = (entries: readonly ImageEntry[]): Buffer => {
  const json = Buffer.from(JSON.stringify(entries));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(json.length);
  return Buffer.concat([json, length, MARK]);
};

const readExactly = async (handle: FileHandle, start: number, length: number): Promise<Buffer> => {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, start);
  if (bytesRead !== length) throw new Error("the file ends early");
  return bytes;
};

/** Reads the entries of the images in a file; undefined if the file is incomplete or not one of `count` images. */
export const readTail = async (
  handle: FileHandle,
  count: number,
  imageBytes: number,
): Promise<ImageEntry[] | undefined> => {
  const { size } = await handle.stat();
  const pixels = count * imageBytes;
  if (size < pixels + FOOT_BYTES) return undefined;
  const foot = await readExactly(handle, size - FOOT_BYTES, FOOT_BYTES);
  const length = foot.readUInt32BE(0);
  if (!foot.subarray(LENGTH_BYTES).equals(MARK)) return undefined;
  if (length > MAX_JSON_BYTES || size !== pixels + length + FOOT_BYTES) return undefined;
  const json = (await readExactly(handle, pixels, length)).toString();
  const parsed = entriesSchema.safeParse(JSON.parse(json));
  return parsed.success && parsed.data.length === count ? parsed.data : undefined;
};
