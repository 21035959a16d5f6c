import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";

/** What an earlier file is kept under when a new one takes its place. */
const KEPT_SUFFIXES = [".previous", ".interrupted"];

const PERMISSIONS = 0o777;

const found = (path: string): Promise<Stats | undefined> => stat(path).catch(() => undefined);

/** The file or folder whose place a new one at `path` takes: the one there, else the last one kept aside. */
export const replacedAttributes = async (path: string): Promise<Stats | undefined> => {
  const there = await found(path);
  if (there) return there;
  const kept = await Promise.all(KEPT_SUFFIXES.map((suffix) => found(`${path}${suffix}`)));
  // Moving a file changes its ctime and leaves its mtime.
  return kept.filter((each) => each !== undefined).sort((a, b) => b.ctimeMs - a.ctimeMs)[0];
};

const isFailure = (change: Promise<void>): Promise<boolean> =>
  change.then(
    () => false,
    () => true,
  );

/** A new file or folder, open or by its name. */
interface New {
  readonly stat: () => Promise<Stats>;
  readonly chown: (uid: number, gid: number) => Promise<void>;
  readonly chmod: (mode: number) => Promise<void>;
}

/**
 * Gives a new file or folder the permissions of the one that it replaces, and its owner and group where the system
 * allows it. Where it does not, as on disks that know no owners, the file is as new ones are there.
 */
export const takeAttributes = async (made: New, { uid, gid, mode }: Stats): Promise<void> => {
  const own = await made.stat();
  const isOther = own.uid !== uid || own.gid !== gid;
  // Only root may give a file away; its group may be any of the user's.
  if (isOther && (await isFailure(made.chown(uid, gid)))) await isFailure(made.chown(own.uid, gid));
  // Last, since a change of owner resets a part of the mode.
  await isFailure(made.chmod(mode & PERMISSIONS));
};
