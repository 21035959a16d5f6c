import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { holderName } from "../../files/locks/lock-watch.js";
import { withProcessLock } from "../../files/locks/process-lock.js";
import { fileDigest } from "../../files/reading/file-digest.js";
import { writeFailure } from "../../files/writing/write-file-atomically.js";

export interface PublishedFileOptions {
  readonly name: string;
  /** Hex digits of its SHA-256, or the first ones that are published. */
  readonly sha256: string;
  /** Where the file is kept; created if it does not exist. */
  readonly folder: string;
  /** Fetches the file to a path, continuing what is already there. */
  readonly fetchTo: (path: string) => Promise<void>;
  /** Called if another process is fetching the file. */
  readonly onWait?: ((holder: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A file in the folder, and whether it was already there. */
export interface PublishedFile {
  readonly path: string;
  readonly isKept: boolean;
}

/** How a file that was fetched differs from the published one; undefined if it does not. */
const difference = async (path: string, { sha256 }: PublishedFileOptions) => {
  const found = await fileDigest(path);
  if (found === undefined || found.startsWith(sha256)) return undefined;
  return `its SHA-256 starts with ${found.slice(0, sha256.length)}, expected ${sha256}`;
};

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

const isWhole = async (path: string, { sha256 }: PublishedFileOptions): Promise<boolean> =>
  (await isFile(path)) && ((await fileDigest(path)) ?? "").startsWith(sha256);

/** Fetches and checks the file. What an earlier download left is not trusted: if the result differs, it starts over. */
const fetchChecked = async (part: string, options: PublishedFileOptions): Promise<void> => {
  const isContinued = await isFile(part);
  await options.fetchTo(part);
  const problem = await difference(part, options);
  if (problem === undefined) return;
  await rm(part, { force: true });
  if (isContinued) {
    await fetchChecked(part, options);
    return;
  }
  throw new QpruneError(`The download is not ${options.name}, and was removed: ${problem}.`);
};

/** The error with advice that names the folder. */
const withAdvice = (cause: unknown, { name, folder }: PublishedFileOptions): unknown => {
  const failure = writeFailure(folder, cause);
  if (!(failure instanceof QpruneError)) return failure;
  const { message, hint = "Try again, which continues an interrupted download." } = failure;
  return new QpruneError(message, {
    hint: `${hint} ${name} can also be put into ${folder} by other means.`,
    cause,
  });
};

/**
 * Provides a published file: the one in `folder` if its hash is right, else it is fetched and checked. A part that an
 * interrupted call has fetched is kept as NAME.part and continued by the next call.
 * @throws QpruneError with a hint if it cannot be fetched or written, or is another file, which is then removed; the
 * signal's reason if aborted.
 */
export const providePublishedFile = async (
  options: PublishedFileOptions,
): Promise<PublishedFile> => {
  const { name, folder, signal, onWait } = options;
  const path = join(folder, name);
  const part = `${path}.part`;
  // Needs no permission to write, so that a folder can be shared.
  if (await isWhole(path, options)) return { path, isKept: true };
  try {
    await mkdir(folder, { recursive: true });
    return await withProcessLock(
      `${path}.lock`,
      async () => {
        if (await isWhole(path, options)) return { path, isKept: true };
        await fetchChecked(part, options);
        await rename(part, path);
        return { path, isKept: false };
      },
      { signal, onHeld: (holder) => onWait?.(holderName(holder)) },
    );
  } catch (cause) {
    signal?.throwIfAborted();
    throw withAdvice(cause, options);
  }
};
