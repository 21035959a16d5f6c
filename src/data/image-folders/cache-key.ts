import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { ImageView } from "./decoding/decode-image.js";
import type { ListedImage } from "./listing/list-images.js";

/** Raised when images are decoded or stored in another way. */
const FORMAT = 2;
/** Files that are looked at together. */
const TOGETHER = 64;

/** What tells a file from all others and from itself before a change; a missing one is known by its name. */
const identityOf = ({ path, name }: ListedImage): Promise<string> =>
  stat(path, { bigint: true }).then(
    ({ dev, ino, size, mtimeNs, ctimeNs }) =>
      `${name}\0${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`,
    () => `${name}\0missing`,
  );

/**
 * The name under which decoded files are kept: a hash of the files' identities (name, inode, size, times), in
 * their order, and of how they are decoded. No file is read.
 */
export const cacheKey = async (
  images: readonly ListedImage[],
  { kind, side }: ImageView,
): Promise<string> => {
  const hash = createHash("sha256").update(`${FORMAT} ${kind} ${side}\n`);
  for (let start = 0; start < images.length; start += TOGETHER) {
    const some = images.slice(start, start + TOGETHER);
    for (const identity of await Promise.all(some.map(identityOf))) hash.update(`${identity}\n`);
  }
  return hash.digest("hex");
};
