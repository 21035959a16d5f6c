import { statfs } from "node:fs/promises";

/** Bytes that this user may still write to the disk of an existing folder; infinite if the system does not know. */
export const freeBytes = async (folder: string): Promise<number> => {
  const { bavail, blocks, bsize } = await statfs(folder);
  // Network drives without a quota report a disk without blocks.
  return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
};
