import { createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { QpruneError } from "../../base/errors.js";
import { freeBytes } from "../../files/writing/free-space.js";
import { writeFailure } from "../../files/writing/write-file-atomically.js";

export interface FetchProgress {
  readonly receivedBytes: number;
  /** As announced by the server; undefined if it announces nothing. */
  readonly totalBytes: number | undefined;
}

export interface FetchFileOptions {
  readonly url: string;
  /** Where to write, in an existing folder. What an interrupted download left there is continued. */
  readonly file: string;
  /** A larger file is something else. */
  readonly maxBytes: number;
  /** Milliseconds before each further attempt after a broken connection. */
  readonly retryWaitsMs?: readonly number[] | undefined;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const RETRY_WAITS_MS: readonly number[] = [1000, 3000, 9000];

/** A failure that another attempt may not have: a broken connection, or a server that is busy. */
class BrokenDownload extends Error {}

/** fetch() reports only "fetch failed" or "terminated" and keeps the reason in `cause`. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
};

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

/** What a server sends: the bytes of the file from `start` on. */
interface Answer {
  readonly body: NonNullable<Response["body"]>;
  readonly start: number;
  readonly totalBytes: number | undefined;
}

const announcedBytes = ({ headers }: Response): number | undefined => {
  const announced = Number(headers.get("content-length") ?? Number.NaN);
  return Number.isSafeInteger(announced) ? announced : undefined;
};

/** Whether a server answers that a file has no more than the bytes that are already there. */
const isComplete = ({ status, headers }: Response, start: number): boolean =>
  status === 416 && headers.get("content-range") === `bytes */${start}`;

/**
 * Asks for the rest of a file after its first `start` bytes; undefined if there is none.
 * @throws BrokenDownload if the rest can be asked for again, after removing `file` if its bytes do not belong to it.
 */
const ask = async (
  { url, file, signal }: FetchFileOptions,
  start: number,
): Promise<Answer | undefined> => {
  const headers = {
    // A compressed answer could not be continued.
    "accept-encoding": "identity",
    ...(start > 0 && { range: `bytes=${start}-` }),
  };
  const response = await fetch(url, { headers, ...(signal && { signal }) });
  const { status, statusText, body } = response;
  const from = Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1]);
  if (response.ok && body !== null && (status !== 206 || from === start)) {
    const sent = announcedBytes(response);
    const at = status === 206 ? start : 0;
    return { body, start: at, totalBytes: sent === undefined ? undefined : at + sent };
  }
  await body?.cancel();
  if (isComplete(response, start)) return undefined;
  const refusal = `the server answers ${status} ${statusText}`.trimEnd();
  if (start > 0 && (status === 416 || status === 206)) {
    await rm(file, { force: true });
    throw new BrokenDownload(refusal);
  }
  throw status >= 500 || status === 429 ? new BrokenDownload(refusal) : new Error(refusal);
};

const requireSpace = async (file: string, bytes: number): Promise<void> => {
  const folder = dirname(file);
  const free = await freeBytes(folder);
  if (free >= bytes) return;
  const megabytes = (size: number): number => Math.ceil(size / 1e6);
  throw new QpruneError(
    `The download needs ${megabytes(bytes)} MB in ${folder}, but only ${Math.floor(free / 1e6)} MB are free.`,
    { hint: "Free some space, or choose a folder on another disk." },
  );
};

/** Counts the bytes that pass through. */
const counter = (start: number, maxBytes: number, onBytes: (receivedBytes: number) => void) => {
  let receivedBytes = start;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      receivedBytes += chunk.length;
      if (receivedBytes > maxBytes) {
        done(new QpruneError(`the server sends more than ${maxBytes} bytes`));
        return;
      }
      onBytes(receivedBytes);
      done(null, chunk);
    },
  });
};

/** Fetches what is missing in one connection. */
const attempt = async (options: FetchFileOptions): Promise<void> => {
  const { file, maxBytes, onProgress, signal } = options;
  const answer = await ask(options, await sizeOf(file));
  if (!answer) return;
  const { body, start, totalBytes } = answer;
  if (totalBytes !== undefined) await requireSpace(file, totalBytes - start);
  const metered = counter(start, maxBytes, (receivedBytes) =>
    onProgress?.({ receivedBytes, totalBytes }),
  );
  const target = createWriteStream(file, { flags: start > 0 ? "a" : "w" });
  try {
    await pipeline(Readable.fromWeb(body), metered, target, { ...(signal && { signal }) });
  } catch (cause) {
    const failure = writeFailure(file, cause);
    if (failure instanceof QpruneError) throw failure;
    throw new BrokenDownload(reasonOf(cause), { cause });
  }
};

/**
 * Downloads `url` to `file`. It continues what is already there, also after a connection that breaks, if the server
 * supports ranges; otherwise it starts over. After an error, the received bytes stay in `file`; the caller checks or
 * removes them.
 * @throws QpruneError if the server cannot be reached or refuses, the connection keeps breaking, or the disk is full; the
 * signal's reason if aborted.
 */
export const fetchFile = async (options: FetchFileOptions): Promise<void> => {
  const { url, retryWaitsMs = RETRY_WAITS_MS, signal } = options;
  const waits = [...retryWaitsMs];
  for (;;) {
    try {
      await attempt(options);
      return;
    } catch (cause) {
      signal?.throwIfAborted();
      // fetch() throws TypeError without a network, which may have broken down during the download.
      const hasBegun = waits.length < retryWaitsMs.length;
      const isBroken = cause instanceof BrokenDownload || (hasBegun && cause instanceof TypeError);
      const wait = isBroken ? waits.shift() : undefined;
      if (wait === undefined) {
        const hint = cause instanceof QpruneError ? cause.hint : undefined;
        const reason = reasonOf(cause).replace(/\.$/, "");
        throw new QpruneError(`Cannot download ${url}: ${reason}.`, {
          ...(hint !== undefined && { hint }),
          cause,
        });
      }
      await sleep(wait, undefined, { ...(signal && { signal }) }).catch(() => undefined);
      signal?.throwIfAborted();
    }
  }
};
