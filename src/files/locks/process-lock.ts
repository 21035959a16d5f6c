import { randomBytes } from "node:crypto";
import { type FileHandle, link, lstat, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { QpruneError } from "../../base/errors.js";
import { readFailure, readReason } from "../reading/read-failure.js";
import { writeFailure } from "../writing/write-file-atomically.js";
import { type Heartbeat, heartbeatText, startHeartbeat } from "./lock-heartbeat.js";
import { createLockWatch, type LockHolder } from "./lock-watch.js";
import { thisProcess } from "./process-identity.js";

export interface LockOptions {
  /**
   * Called when another process holds the lock, and again when its state changes. `unknown` is a process that cannot
   * be looked up from here; its state is known after at most `longestMs`.
   */
  readonly onHeld?:
    | ((holder: LockHolder, state: "alive" | "unknown", longestMs: number) => void)
    | undefined;
  /** Aborts waiting; the reason of the abort is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds between two checks of a lock that another process holds. */
  readonly pollMs?: number;
  readonly beatMs?: number;
  readonly silentMs?: number;
}

const POLL_MS = 250;
const BEAT_MS = 5_000;
/** Six heartbeats: a busy machine or a slow network disk may miss some. */
const SILENT_MS = 30_000;

const temporaryName = (path: string): string =>
  `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;

/** The text of a lock; undefined if it does not exist. @throws QpruneError if the path is not a file. */
const readLock = async (path: string): Promise<string | undefined> => {
  try {
    if ((await lstat(path)).isFile()) return await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cause instanceof Error ? readFailure(path, readReason(cause), cause) : cause;
  }
  throw new QpruneError(`Cannot lock ${path}: it exists, but is not a lock file.`, {
    hint: "Move it away.",
  });
};

/**
 * Removes a stale lock. One that has changed since it was read is restored: its process is alive, or another one has
 * taken it over.
 */
const removeStale = async (path: string, staleText: string): Promise<void> => {
  const aside = temporaryName(path);
  const wasMoved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!wasMoved) return;
  if ((await readFile(aside, "utf8")) !== staleText) {
    // Renamed if there are no hard links, because its process must keep writing into the same file.
    await link(aside, path).catch(async () => {
      if (!(await readLock(path))) await rename(aside, path);
    });
  }
  await rm(aside, { force: true });
};

const isTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "EEXIST";

/** Links `own` to `path` unless that exists. */
const linkAs = async (
  own: string,
  path: string,
  handle: FileHandle,
): Promise<"linked" | "taken"> => {
  try {
    await link(own, path);
    return "linked";
  } catch (error) {
    if (!isTaken(error)) throw error;
    // NFS may report a link that succeeded as existing already, so the number of links decides.
    return (await handle.stat()).nlink > 1 ? "linked" : "taken";
  }
};

/** Creates the lock by linking a temporary file, so that it appears with its content. */
const createByLink = async (path: string, text: string): Promise<FileHandle | undefined> => {
  const own = temporaryName(path);
  const handle = await open(own, "wx");
  let isLinked = false;
  try {
    await handle.write(text, 0);
    isLinked = (await linkAs(own, path, handle)) === "linked";
  } finally {
    if (!isLinked) await handle.close();
    await rm(own, { force: true }).catch(() => undefined);
  }
  return isLinked ? handle : undefined;
};

/** Creates the lock without hard links; it is empty for a moment. */
const createByName = async (path: string, text: string): Promise<FileHandle | undefined> => {
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

/** The open lock file; undefined if another process holds the lock. */
const tryLock = async (path: string, text: string): Promise<FileHandle | undefined> => {
  try {
    await mkdir(dirname(path), { recursive: true });
    // exFAT, SMB and most user-space file systems have no hard links, and report this in different ways. If the
    // cause is another one, the second attempt fails as well.
    return await createByLink(path, text).catch(() => createByName(path, text));
  } catch (error) {
    throw writeFailure(path, error);
  }
};

const acquire = async (path: string, text: string, options: LockOptions): Promise<FileHandle> => {
  const { onHeld, signal, pollMs = POLL_MS, silentMs = SILENT_MS } = options;
  const watch = createLockWatch(silentMs);
  let reported: string | undefined;
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
    if (news !== reported) onHeld?.(holder, state, silentMs);
    reported = news;
    await sleep(pollMs, undefined, { signal }).catch(() => {
      signal?.throwIfAborted();
    });
  }
};

const release = async (path: string, handle: FileHandle, nonce: string): Promise<void> => {
  await handle.close().catch(() => undefined);
  const current = await readFile(path, "utf8").catch(() => undefined);
  // A lock that cannot be removed becomes stale when this process ends; an error of the action matters more.
  if (current?.includes(nonce)) await rm(path, { force: true }).catch(() => undefined);
};

/**
 * Runs `action` while only this process holds the lock file `path`, whose folder is created if needed. It waits for a
 * lock that is held, and takes over one whose process has died. A process that cannot be looked up from here, in
 * another container or on another machine, is considered dead once its lock has not changed for `silentMs`. The file
 * is removed afterwards.
 * @throws QpruneError if the system refuses to write it.
 */
export const withProcessLock = async <T>(
  path: string,
  action: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> => {
  const nonce = randomBytes(8).toString("hex");
  const fields = JSON.stringify({ ...thisProcess(), nonce });
  const parts = { textBefore: `${fields.slice(0, -1)},"beats":"`, textAfter: '"}' };
  const handle = await acquire(path, heartbeatText(parts, 0), options);
  const heartbeat: Heartbeat = { fd: handle.fd, everyMs: options.beatMs ?? BEAT_MS, ...parts };
  const stopHeartbeat = startHeartbeat(heartbeat);
  try {
    return await action();
  } finally {
    await stopHeartbeat();
    await release(path, handle, nonce);
  }
};
