import { randomBytes } from "node:crypto";
import { type FileHandle, link, lstat, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { QpruneError } from "../base/errors.js";
import { type Beat, beatText, startBeat } from "./lock-beat.js";
import { createLockWatch, type LockHolder } from "./lock-watch.js";
import { thisProcess } from "./process-identity.js";
import { readFailure, readReason } from "./read-failure.js";
import { writeFailure } from "./write-file-atomically.js";

export interface LockOptions {
  /**
   * Called when another process holds the lock, and again when more is known of it: `unknown` is one that cannot be
   * seen from here; `longestMs` is how long it takes at most to know.
   */
  readonly onHeld?:
    | ((holder: LockHolder, state: "alive" | "unknown", longestMs: number) => void)
    | undefined;
  /** Gives up waiting when aborted; the abort's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds between two looks at a lock that another holds. */
  readonly pollMs?: number;
  readonly beatMs?: number;
  readonly silentMs?: number;
}

const POLL_MS = 250;
const BEAT_MS = 5_000;
/** Six beats: a busy machine or a slow network disk may miss some. */
const SILENT_MS = 30_000;

const temporaryName = (path: string): string =>
  `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;

/** The text of a lock, undefined where there is none. @throws QpruneError where something else has its name. */
const readLock = async (path: string): Promise<string | undefined> => {
  try {
    if ((await lstat(path)).isFile()) return await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cause instanceof Error ? readFailure(path, readReason(cause), cause) : cause;
  }
  throw new QpruneError(`Cannot lock ${path}: something of that name is there and is no lock.`, {
    hint: "Move it away.",
  });
};

/**
 * Takes a stale lock away. One that has changed since it was read is put back: its process lives, or another one
 * has taken it over.
 */
const removeStale = async (path: string, staleText: string): Promise<void> => {
  const aside = temporaryName(path);
  const wasMoved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!wasMoved) return;
  if ((await readFile(aside, "utf8")) !== staleText) {
    // By a rename where there are no hard links: the file that its process writes into must stay the same one.
    await link(aside, path).catch(async () => {
      if (!(await readLock(path))) await rename(aside, path);
    });
  }
  await rm(aside, { force: true });
};

const isTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "EEXIST";

/** Gives `own` the name `path` where nothing has it. */
const linkAs = async (own: string, path: string, handle: FileHandle): Promise<"made" | "taken"> => {
  try {
    await link(own, path);
    return "made";
  } catch (error) {
    if (!isTaken(error)) throw error;
    // Over NFS a link that was made may be reported as there already: the count of links decides.
    return (await handle.stat()).nlink > 1 ? "made" : "taken";
  }
};

/** Makes the lock as a file of two names, one of them temporary, so that it appears with its content. */
const makeByLink = async (path: string, text: string): Promise<FileHandle | undefined> => {
  const own = temporaryName(path);
  const handle = await open(own, "wx");
  let isMade = false;
  try {
    await handle.write(text, 0);
    isMade = (await linkAs(own, path, handle)) === "made";
  } finally {
    if (!isMade) await handle.close();
    await rm(own, { force: true }).catch(() => undefined);
  }
  return isMade ? handle : undefined;
};

/** Makes the lock where there are no hard links; it is empty for a moment. */
const makeByName = async (path: string, text: string): Promise<FileHandle | undefined> => {
  let handle: FileHandle;
  try {
    handle = await open(path, "wx");
  } catch (error) {
    if (isTaken(error)) return undefined;
    throw error;
  }
  try {
    await handle.write(text, 0);
    return handle;
  } catch (error) {
    await handle.close();
    await rm(path, { force: true });
    throw error;
  }
};

/** The lock's file, open, or undefined where another process has it. */
const tryLock = async (path: string, text: string): Promise<FileHandle | undefined> => {
  try {
    await mkdir(dirname(path), { recursive: true });
    // exFAT, SMB, and most file systems in user space have no hard links, and each says so in its own way. Where
    // the cause is another one, the second try fails of it too.
    return await makeByLink(path, text).catch(() => makeByName(path, text));
  } catch (error) {
    throw writeFailure(path, error);
  }
};

const acquire = async (path: string, text: string, options: LockOptions): Promise<FileHandle> => {
  const { onHeld, signal, pollMs = POLL_MS, silentMs = SILENT_MS } = options;
  const watch = createLockWatch(silentMs);
  let told: string | undefined;
  for (;;) {
    const handle = await tryLock(path, text);
    if (handle) return handle;
    const found = await readLock(path);
    if (found === undefined) continue;
    const { holder, state } = watch(found);
    if (state === "dead") {
      await removeStale(path, found);
      continue;
    }
    const news = `${state} ${holder.pid} ${holder.host}`;
    if (news !== told) onHeld?.(holder, state, silentMs);
    told = news;
    await sleep(pollMs, undefined, { signal }).catch(() => {
      signal?.throwIfAborted();
    });
  }
};

const release = async (path: string, handle: FileHandle, nonce: string): Promise<void> => {
  await handle.close().catch(() => undefined);
  const current = await readFile(path, "utf8").catch(() => undefined);
  // One that cannot be removed is stale as soon as this process ends; what stopped the action says more.
  if (current?.includes(nonce)) await rm(path, { force: true }).catch(() => undefined);
};

/**
 * Runs `action` while this process alone holds the lock file `path` (its folder is made). A lock whose process has
 * died is taken over; one that is held is waited for. A process that this one cannot see, in another container or on
 * another machine, counts as dead when its lock has not changed for `silentMs`. The file is gone afterwards.
 * @throws QpruneError where the system refuses to write it.
 */
export const withProcessLock = async <T>(
  path: string,
  action: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> => {
  const nonce = randomBytes(8).toString("hex");
  const fields = JSON.stringify({ ...thisProcess(), nonce });
  const parts = { textBefore: `${fields.slice(0, -1)},"beats":"`, textAfter: '"}' };
  const handle = await acquire(path, beatText(parts, 0), options);
  const beat: Beat = { fd: handle.fd, everyMs: options.beatMs ?? BEAT_MS, ...parts };
  const stopBeat = startBeat(beat);
  try {
    return await action();
  } finally {
    await stopBeat();
    await release(path, handle, nonce);
  }
};
