import { QpruneError } from "../../base/errors.js";
import type { ImageSet } from "../data-set.js";
import { cacheKey } from "./cache-key.js";
import { decodeAll, type ImageEntry } from "./decoding/decode-all.js";
import type { ImageView } from "./decoding/decode-image.js";
import { type CachedImages, cachedPath, findCached, keepImages } from "./image-cache.js";
import type { ImageFolderOptions } from "./image-folder-options.js";
import type { ListedImage } from "./listing/list-images.js";
import { readIntoMemory } from "./read-into-memory.js";

/** Fewer are decoded faster than a line is read. */
const TELL_FROM = 2000;

/** Decoded images with what is known of each. */
export interface LoadedImages {
  readonly images: Pick<ImageSet, "images" | "file">;
  readonly entries: readonly ImageEntry[];
}

type Options = Pick<
  ImageFolderOptions,
  "workers" | "memoryBytes" | "cacheFolder" | "notify" | "signal"
>;

/** Says every tenth how far decoding is. */
const progressLines = (count: number, notify: Options["notify"]) => {
  let shown = 0;
  return (done: number): void => {
    const tenth = Math.floor((10 * done) / count);
    if (count < TELL_FROM || tenth === shown) return;
    shown = tenth;
    notify(`Decoding images: ${tenth * 10}% of ${count}`);
  };
};

const NO_BYTES = new Uint8Array(0);

const onDisk = ({ path, entries }: CachedImages): LoadedImages => ({
  images: { images: NO_BYTES, file: { path, count: entries.length } },
  entries,
});

/** Why the cache cannot be written, without a hint of its own. */
const reasonOf = (cause: unknown): string => (cause as Error).message.replace(/\.$/, "");

/** Why nothing is kept for a user without a home folder. */
const NOWHERE = "there is no home folder for a cache; XDG_CACHE_HOME=FOLDER names one";

interface KeptPlace {
  readonly folder: string;
  readonly path: string;
}

/** Decodes into memory, and keeps what was decoded if the disk allows it. */
const decodeIntoMemory = async (
  decode: (take: (place: number, pixels: Uint8Array) => void) => Promise<ImageEntry[]>,
  place: KeptPlace | undefined,
  { bytes, imageBytes }: { readonly bytes: number; readonly imageBytes: number },
  notify: Options["notify"],
): Promise<LoadedImages> => {
  const images = new Uint8Array(new SharedArrayBuffer(bytes));
  const entries = await decode((at, pixels) => images.set(pixels, at * imageBytes));
  if (place === undefined) {
    notify(`The decoded images are not kept for the next run: ${NOWHERE}.`);
    return { images: { images }, entries };
  }
  await keepImages(place.folder, place.path, bytes, imageBytes, async (put) => {
    for (let at = 0; at < entries.length; at++) {
      await put(at, images.slice(at * imageBytes, (at + 1) * imageBytes));
    }
    return entries;
  }).catch((cause) => {
    notify(`The decoded images are not kept for the next run: ${reasonOf(cause)}.`);
  });
  return { images: { images }, entries };
};

/**
 * Decodes files, or finds them decoded in the cache. They come into memory where they fit, else they stay on the
 * disk.
 * @throws QpruneError where they fit neither into memory nor on the disk, and where the decoder is missing.
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
  const place =
    folder === undefined
      ? undefined
      : { folder, path: cachedPath(folder, await cacheKey(files, view)) };
  const cached = place && (await findCached(place.path, files.length, imageBytes));
  if (cached && !isInMemory) return onDisk(cached);
  if (cached) {
    const images = await readIntoMemory(cached.path, bytes);
    return { images: { images }, entries: cached.entries };
  }
  const onProgress = progressLines(files.length, notify);
  const paths = files.map((file) => file.path);
  const decode = (take: (place: number, pixels: Uint8Array) => void | Promise<void>) =>
    decodeAll(paths, take, { view, workers, signal, onProgress });
  if (isInMemory) {
    return decodeIntoMemory(decode, place, { bytes, imageBytes }, notify);
  }
  try {
    if (place === undefined) throw new Error(NOWHERE);
    return onDisk(await keepImages(place.folder, place.path, bytes, imageBytes, decode));
  } catch (cause) {
    signal?.throwIfAborted();
    const gigabytes = (bytes / 1e9).toFixed(1);
    throw new QpruneError(
      `${files.length} decoded images take ${gigabytes} GB: more than the memory holds, and they cannot be kept ${folder === undefined ? "on the disk" : `in ${folder}`}: ${reasonOf(cause)}.`,
      {
        hint: "Name a folder on a disk with more room by XDG_CACHE_HOME, or take a smaller --image-size or --train-limit.",
        cause,
      },
    );
  }
};
