import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** The size of a file or of all files in a folder, in bytes; 0 if it does not exist. Links are not followed. */
export const folderBytes = async (path: string): Promise<number> => {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isDirectory()) return found?.size ?? 0;
  let bytes = 0;
  for (const name of await readdir(path)) bytes += await folderBytes(join(path, name));
  return bytes;
};
