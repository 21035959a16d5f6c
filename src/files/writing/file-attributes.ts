import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";

/** Suffixes under which replaced files are kept. */
const KEPT_SUFFIXES = [".previous", ".interrupted"];

const PERMISSIONS = 0o777;

const statOf = (path: string): Promise<Stats | undefined> => stat(path).catch(() => undefined);

/** Attributes of the file or folder that a new one at `path` replaces: the existing one, else the last one kept. */
export const replacedAttributes = async (path: string): Promise<Stats | undefined> => {
  const existing = await statOf(path);
  if (existing) return existing;
  const kept = await Promise.all(KEPT_SUFFIXES.map((suffix) => statOf(`${path}${suffix}`)));
  // Renaming a file changes its ctime, but not its mtime.
  return kept.filter((each) => each !== undefined).sort((a, b) => b.ctimeMs - a.ctimeMs)[0];
};

const hasFailed = (change: Promise<void>): Promise<boolean> =>
  change.then(
    () => false,
    () => true,
  );

/** A new file or folder, open or by its path. */
interface NewEntry {
  readonly stat: () => Promise<Stats>;
  readonly chown: (uid: number, gid: number) => Promise<void>;
  readonly chmod: (mode: number) => Promise<void>;
}

/**
 * Gives a new file or folder the permissions of the one that it replaces, and its owner and group if the system
 * allows it. Otherwise, as on disks without owners, it keeps the system's defaults.
 */
export const takeAttributes = async (
  created: NewEntry,
  { uid, gid, mode }: Stats,
): Promise<void> => {
  const own = await created.stat();
  const isOther = own.uid !== uid || own.gid !== gid;
  // Only root may change the owner; a user may choose any of their own groups.
  if (isOther && (await hasFailed(created.chown(uid, gid))))
    await hasFailed(created.chown(own.uid, gid));
  // Last, because changing the owner resets part of the mode.
  await hasFailed(created.chmod(mode & PERMISSIONS));
};
