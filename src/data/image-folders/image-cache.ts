import { mkdir, open, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { freeBytes } from "../../files/free-space.js";
import { putInPlace } from "../../files/put-in-place.js";
import { encodeTail, readTail } from "./cache-file.js";
import type { ImageEntry } from "./decoding/decode-all.js";

/** The kept files together: what was used longest ago goes first. */
const MAX_CACHE_BYTES = 20e9;
/** What a full disk still needs for other things. */
const SPARE_BYTES = 500e6;
const SUFFIX = ".images";
/** A file under a temporary name is left by a process that was killed; none writes for longer. */
const LEFT_OVER_MS = 24 * 3600 * 1000;

/** Decoded images in a folder. */
export interface CachedImages {
  readonly path: string;
  readonly entries: readonly ImageEntry[];
}

/** Where the images of a key are kept. */
export const cachedPath = (folder: string, key: string): string => join(folder, `${key}${SUFFIX}`);

/** Looks for decoded images; a file that is damaged counts as none. Reading it makes it the last used. */
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

/** Deletes what was used longest ago until there is room for `bytes` more, and what was left over. */
const makeRoom = async (folder: string, bytes: number): Promise<void> => {
  const found = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const known = await stat(path).catch(() => undefined);
    if (!known?.isFile()) continue;
    if (name.endsWith(SUFFIX)) found.push({ path, size: known.size, usedMs: known.mtimeMs });
    else if (name.endsWith(".tmp") && Date.now() - known.mtimeMs > LEFT_OVER_MS) await rm(path);
  }
  let total = found.reduce((sum, { size }) => sum + size, bytes);
  for (const { path, size } of found.sort((a, b) => a.usedMs - b.usedMs)) {
    if (total <= MAX_CACHE_BYTES) return;
    await rm(path, { force: true });
    total -= size;
  }
};

/** Takes the images in any order, and gives back what is known of them. */
export type FillImages = (
  put: (place: number, pixels: Uint8Array) => Promise<void>,
) => Promise<readonly ImageEntry[]>;

/**
 * Keeps decoded images as the file `path`, which appears whole or not at all.
 * @throws an error with the reason where the folder cannot be written or the disk has no room, and what `fill`
 * throws.
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
  if ((await freeBytes(folder)) < bytes + SPARE_BYTES) throw new Error("the disk has no room");
  const entries = await putInPlace(path, async (temporary) => {
    const handle = await open(temporary, "wx");
    try {
      const known = await fill(async (place, pixels) => {
        await handle.write(pixels, 0, imageBytes, place * imageBytes);
      });
      await handle.truncate(bytes);
      const tail = encodeTail(known);
      await handle.write(tail, 0, tail.length, bytes);
      await handle.sync();
      return known;
    } finally {
      await handle.close();
    }
  });
  return { path, entries };
};
