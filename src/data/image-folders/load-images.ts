import { QpruneError } from "../../base/errors.js";
import type { ImageSet } from "../data-set.js";
import { cacheKey } from "./cache-key.js";
import { decodeAll, type ImageEntry } from "./decoding/decode-all.js";
import type { ImageView } from "./decoding/image-view.js";
import { type CachedImages, cachedPath, findCached, keepImages } from "./image-cache.js";
import type { ImageFolderOptions } from "./image-folder-options.js";
import type { ListedImage } from "./listing/list-images.js";
import { readIntoMemory } from "./read-into-memory.js";

/** Progress is reported from this number of images on. */
const MIN_REPORTED_IMAGES = 2000;

/** Decoded images with an entry for each. */
export interface LoadedImages {
  readonly images: Pick<ImageSet, "images" | "file">;
  readonly entries: readonly ImageEntry[];
}

type Options = Pick<
  ImageFolderOptions,
  "workers" | "memoryBytes" | "cacheFolder" | "notify" | "signal"
>;

/** Reports progress after every tenth of the images. */
const progressLines = (count: number, notify: Options["notify"]) => {
  let shown = 0;
  return (done: number): void => {
    const tenth = Math.floor((10 * done) / count);
    if (count < MIN_REPORTED_IMAGES || tenth === shown) return;
    shown = tenth;
    notify(`Decoding images: ${tenth * 10}% of ${count}`);
  };
};

const NO_BYTES = new Uint8Array(0);

const onDisk = ({ path, entries }: CachedImages): LoadedImages => ({
  images: { images: NO_BYTES, file: { path, count: entries.length } },
  entries,
});

/** Why the cache cannot be written. */
const reasonOf = (cause: unknown): string => (cause as Error).message.replace(/\.$/, "");

/** Why nothing is cached for a user without a home folder. */
const NOWHERE = "there is no home folder for a cache; set XDG_CACHE_HOME=FOLDER";

interface CacheLocation {
  readonly folder: string;
  readonly path: string;
}

/** Decodes into memory, and caches the images if the disk allows it. */
const decodeIntoMemory = async (
  decode: (take: (index: number, pixels: Uint8Array) => void) => Promise<ImageEntry[]>,
  location: CacheLocation | undefined,
  { bytes, imageBytes }: { readonly bytes: number; readonly imageBytes: number },
  notify: Options["notify"],
): Promise<LoadedImages> => {
  const images = new Uint8Array(new SharedArrayBuffer(bytes));
  const entries = await decode((index, pixels) => images.set(pixels, index * imageBytes));
  if (location === undefined) {
    notify(`The decoded images are not cached for the next run: ${NOWHERE}.`);
    return { images: { images }, entries };
  }
  await keepImages(location.folder, location.path, bytes, imageBytes, async (put) => {
    for (let index = 0; index < entries.length; index++) {
      await put(index, images.slice(index * imageBytes, (index + 1) * imageBytes));
    }
    return entries;
  }).catch((cause) => {
    notify(`The decoded images are not cached for the next run: ${reasonOf(cause)}.`);
  });
  return { images: { images }, entries };
};

/**
 * Decodes files, or finds them decoded in the cache. Images that do not fit into memory stay on disk.
 * @throws QpruneError if they fit neither into memory nor on disk, and if the decoder is missing.
 */
export const loadImages = async (
  files: readonly ListedImage[],
  view: ImageView,
  options: Options,
): Promise<LoadedImages> => {
  const { workers, memoryBytes, cacheFolder: folder, notify, signal } = options;
  const imageBytes = view.side * view.side * 3;
  const bytes = files.length * imageBytes;
  const isInMemory = bytes <= memoryBytes;
  const location =
    folder === undefined
      ? undefined
      : { folder, path: cachedPath(folder, await cacheKey(files, view)) };
  const cached = location && (await findCached(location.path, files.length, imageBytes));
  if (cached && !isInMemory) return onDisk(cached);
  if (cached) {
    const images = await readIntoMemory(cached.path, bytes);
    return { images: { images }, entries: cached.entries };
  }
  const onProgress = progressLines(files.length, notify);
  const paths = files.map((file) => file.path);
  const decode = (take: (index: number, pixels: Uint8Array) => void | Promise<void>) =>
    decodeAll(paths, take, { view, workers, signal, onProgress });
  if (isInMemory) {
    return decodeIntoMemory(decode, location, { bytes, imageBytes }, notify);
  }
  try {
    if (location === undefined) throw new Error(NOWHERE);
    return onDisk(await keepImages(location.folder, location.path, bytes, imageBytes, decode));
  } catch (cause) {
    signal?.throwIfAborted();
    const gigabytes = (bytes / 1e9).toFixed(1);
    throw new QpruneError(
      `${files.length} decoded images take ${gigabytes} GB, which is more than fits into memory, and they cannot be cached ${folder === undefined ? "on disk" : `in ${folder}`}: ${reasonOf(cause)}.`,
      {
        code: "images-exceed-memory",
        hint: "Set XDG_CACHE_HOME to a folder on a disk with more room, or use smaller or fewer images.",
        cause,
      },
    );
  }
};
