import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const addFile = async (hash: Hash, path: string): Promise<void> => {
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
};

/**
 * Hex digits of the SHA-256 (or MD5 sum) of a file's bytes, or of the names and bytes of a folder's files, without
 * subfolders; undefined if the path does not exist.
 */
export const fileDigest = async (
  path: string,
  algorithm: "sha256" | "md5" = "sha256",
): Promise<string | undefined> => {
  const found = await stat(path).catch(() => undefined);
  if (!found) return undefined;
  const hash = createHash(algorithm);
  if (!found.isDirectory()) {
    await addFile(hash, path);
    return hash.digest("hex");
  }
  const entries = await readdir(path, { withFileTypes: true });
  for (const name of entries
    .filter((each) => each.isFile())
    .map((each) => each.name)
    .sort()) {
    hash.update(`\0${name}\0`);
    await addFile(hash, join(path, name));
  }
  return hash.digest("hex");
};
