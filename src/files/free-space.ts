import { statfs } from "node:fs/promises";

/** Bytes that this user may still write to the disk of an existing folder. */
export const freeBytes = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};
