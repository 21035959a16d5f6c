import { mkdir, open, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { freeBytes } from "../../files/writing/free-space.js";
import { putInPlace } from "../../files/writing/put-in-place.js";
import { encodeTail, readTail } from "./cache-file.js";
import type { ImageEntry } from "./decoding/decode-all.js";

/** The largest total size of the cache; the least recently used files are deleted first. */
const MAX_CACHE_BYTES = 20e9;
/** Bytes that always stay free on the disk. */
const SPARE_BYTES = 500e6;
const SUFFIX = ".images";
/** An older temporary file was left by a killed process; no write takes this long. */
const STALE_AFTER_MS = 24 * 3600 * 1000;

/** A file of decoded images in the cache. */
export interface CachedImages {
  readonly path: string;
  readonly entries: readonly ImageEntry[];
}

/** The path of the cached images with a key. */
export const cachedPath = (folder: string, key: string): string => join(folder, `${key}${SUFFIX}`);

/** Finds decoded images, and marks them as used now; undefined if there are none or the file is damaged. */
export const findCached = async (
  path: string,
  count: number,
  imageBytes: number,
): Promise<CachedImages | undefined> => {
  const handle = await open(path, "r").catch(() => undefined);
  if (!handle) return undefined;
  try {
    const entries = await readTail(handle, count, imageBytes);
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
    return entries && { path, entries };
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
};

/** Deletes stale temporary files, and the least recently used images until there is room for `bytes` more. */
const makeRoom = async (folder: string, bytes: number): Promise<void> => {
  const found = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const status = await stat(path).catch(() => undefined);
    if (!status?.isFile()) continue;
    if (name.endsWith(SUFFIX)) found.push({ path, size: status.size, usedMs: status.mtimeMs });
    else if (name.endsWith(".tmp") && Date.now() - status.mtimeMs > STALE_AFTER_MS) await rm(path);
  }
  let total = found.reduce((sum, { size }) => sum + size, bytes);
  for (const { path, size } of found.sort((a, b) => a.usedMs - b.usedMs)) {
    if (total <= MAX_CACHE_BYTES) return;
    await rm(path, { force: true });
    total -= size;
  }
};

/** Passes the images to `put` in any order, and returns their entries. */
export type FillImages = (
  put: (index: number, pixels: Uint8Array) => Promise<void>,
) => Promise<readonly ImageEntry[]>;

/**
 * Writes decoded images to the file `path`, which appears complete or not at all.
 * @throws an error with the reason if the folder cannot be written or the disk has no room, and what `fill` throws.
 */
export const keepImages = async (
  folder: string,
  path: string,
  bytes: number,
  imageBytes: number,
  fill: FillImages,
): Promise<CachedImages> => {
  await mkdir(folder, { recursive: true });
  await makeRoom(folder, bytes);
  if ((await freeBytes(folder)) < bytes + SPARE_BYTES) throw new Error("the disk is full");
  const entries = await putInPlace(path, async (temporary) => {
    const handle = await open(temporary, "wx");
    try {
      const written = await fill(async (index, pixels) => {
        await handle.write(pixels, 0, imageBytes, index * imageBytes);
      });
      await handle.truncate(bytes);
      const tail = encodeTail(written);
      await handle.write(tail, 0, tail.length, bytes);
      await handle.sync();
      return written;
    } finally {
      await handle.close();
    }
  });
  return { path, entries };
};
