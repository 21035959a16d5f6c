import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeFailure } from "./write-file-atomically.js";

/** Who holds a lock. The start time tells a process from a later one that was given the same id. */
interface Holder {
  readonly pid: number;
  readonly startTime: string;
  readonly host: string;
}

export interface LockOptions {
  /** Called once, with the holder's process id, when another process holds the lock. */
  readonly onWait?: ((pid: number) => void) | undefined;
  /** Gives up waiting when aborted; the abort's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds between two looks at a lock that another holds. */
  readonly pollMs?: number;
}

const POLL_MS = 250;
const BEAT_MS = 5_000;
/** A lock from another host cannot be asked for its process; without a beat for this long it is dead. */
const SILENT_MS = 60_000;

/** Whether a process of that id runs on this machine (also another user's). */
export const isProcessAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/**
 * When a process started, in the kernel's ticks; "" where the system does not tell (then the id decides), and
 * "dead" for one that has ended and is only still listed.
 */
const startTimeOf = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold spaces; the state follows it, and the start time is the 20th field.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "dead" : (fields[19] ?? "");
  } catch {
    return "";
  }
};

const parseHolder = (text: string): Holder | undefined => {
  try {
    const { pid, startTime, host } = JSON.parse(text) as Partial<Holder>;
    if (!Number.isInteger(pid) || typeof startTime !== "string" || typeof host !== "string") return;
    return { pid: pid as number, startTime, host };
  } catch {
    return undefined;
  }
};

const isStale = async (path: string, holder: Holder | undefined): Promise<boolean> => {
  if (holder === undefined) return true;
  if (holder.host === hostname()) {
    return !isProcessAlive(holder.pid) || startTimeOf(holder.pid) !== holder.startTime;
  }
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > SILENT_MS;
};

/** Takes a stale lock away, unless another process has replaced it meanwhile: then it is put back. */
const removeStale = async (path: string, staleText: string): Promise<void> => {
  const aside = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
  const wasMoved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!wasMoved) return;
  if ((await readFile(aside, "utf8")) !== staleText) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
};

/** Tries to take the lock: its file appears with its content, or not at all. */
const tryLock = async (path: string, text: string): Promise<boolean> => {
  const own = `${path}.${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(own, text, { flag: "wx" });
    return await link(own, path).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "EEXIST") return false;
        throw error;
      },
    );
  } catch (error) {
    throw writeFailure(path, error);
  } finally {
    await rm(own, { force: true }).catch(() => undefined);
  }
};

const acquire = async (path: string, text: string, options: LockOptions): Promise<void> => {
  let hasSaid = false;
  while (!(await tryLock(path, text))) {
    const found = await readFile(path, "utf8").catch(() => undefined);
    if (found === undefined) continue;
    const holder = parseHolder(found);
    if (await isStale(path, holder)) {
      await removeStale(path, found);
      continue;
    }
    if (!hasSaid && holder) options.onWait?.(holder.pid);
    hasSaid = true;
    await sleep(options.pollMs ?? POLL_MS, undefined, { signal: options.signal }).catch(() => {
      options.signal?.throwIfAborted();
    });
  }
};

/**
 * Runs `action` while this process alone holds the lock file `path` (its folder is made). A lock whose
 * process has died is taken over; one that is held is waited for. The file is gone afterwards.
 * @throws QpruneError where the system refuses to write it.
 */
export const withProcessLock = async <T>(
  path: string,
  action: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> => {
  const { pid } = process;
  const holder: Holder = { pid, startTime: startTimeOf(pid), host: hostname() };
  const text = JSON.stringify({ ...holder, nonce: randomBytes(8).toString("hex") });
  await acquire(path, text, options);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS);
  beat.unref();
  try {
    return await action();
  } finally {
    clearInterval(beat);
    const current = await readFile(path, "utf8").catch(() => undefined);
    // One that cannot be removed is stale as soon as this process ends; what stopped the action says more.
    if (current === text) await rm(path, { force: true }).catch(() => undefined);
  }
};
