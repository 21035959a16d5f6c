import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { ImageView } from "./decoding/image-view.js";
import type { ListedImage } from "./listing/list-images.js";

/** Increase it when images are decoded or stored differently. */
const FORMAT = 2;
/** Files whose status is read at the same time. */
const CONCURRENT_FILES = 64;

/** Distinguishes a file from all others and from its own earlier versions; a missing file is identified by its name. */
const identityOf = ({ path, name }: ListedImage): Promise<string> =>
  stat(path, { bigint: true }).then(
    ({ dev, ino, size, mtimeNs, ctimeNs }) =>
      `${name}\0${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`,
    () => `${name}\0missing`,
  );

const viewText = (view: ImageView): string => {
  const common = `${view.kind} ${view.side}`;
  return view.kind === "evaluated" ? `${common} ${view.resizedSide} ${view.interpolation}` : common;
};

/**
 * The name under which decoded files are cached: a hash of the files' identities (name, inode, size, times) in their
 * order, and of how they are decoded. It reads no file.
 */
export const cacheKey = async (
  images: readonly ListedImage[],
  view: ImageView,
): Promise<string> => {
  const hash = createHash("sha256").update(`${FORMAT} ${viewText(view)}\n`);
  for (let start = 0; start < images.length; start += CONCURRENT_FILES) {
    const some = images.slice(start, start + CONCURRENT_FILES);
    for (const identity of await Promise.all(some.map(identityOf))) hash.update(`${identity}\n`);
  }
  return hash.digest("hex");
};
