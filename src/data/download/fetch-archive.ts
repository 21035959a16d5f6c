import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { QpruneError } from "../../base/errors.js";
import { describeFileKind, KIND_BYTES } from "../../formats/describe-file-kind.js";

/** The authors' archives have 170 MB; a larger download is something else. */
const MAX_ARCHIVE_BYTES = 512 * 1024 * 1024;

export interface FetchProgress {
  readonly receivedBytes: number;
  /** As announced by the server; undefined if it announces nothing. */
  readonly totalBytes: number | undefined;
}

export interface FetchArchiveOptions {
  readonly url: string;
  /** The expected MD5 sum in hex. */
  readonly md5: string;
  readonly file: string;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** fetch() reports only "fetch failed" or "terminated" and keeps the reason in `cause`. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
};

const isGzip = (start: Uint8Array): boolean => start[0] === 0x1f && start[1] === 0x8b;

/** Passes bytes through, hashing and counting them. */
const meter = (onBytes: (receivedBytes: number) => void) => {
  const hash = createHash("md5");
  let receivedBytes = 0;
  let start = Buffer.alloc(0);
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      receivedBytes += chunk.length;
      if (receivedBytes > MAX_ARCHIVE_BYTES) {
        done(new Error(`the server sent more than ${MAX_ARCHIVE_BYTES} bytes`));
        return;
      }
      hash.update(chunk);
      if (start.length < KIND_BYTES) start = Buffer.concat([start, chunk]).subarray(0, KIND_BYTES);
      onBytes(receivedBytes);
      done(null, chunk);
    },
  });
  return {
    stream,
    md5: () => hash.digest("hex"),
    receivedBytes: () => receivedBytes,
    start: () => start,
  };
};

/**
 * Downloads `url` to `file` and checks the MD5 sum. The caller removes what was written after an error.
 * @throws QpruneError if the server cannot be reached, refuses, stops half-way or sends other bytes; the signal's reason
 * if aborted.
 */
export const fetchArchive = async (options: FetchArchiveOptions): Promise<void> => {
  const { url, file, onProgress, signal } = options;
  try {
    const response = await fetch(url, signal === undefined ? {} : { signal });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`the server answered ${response.status} ${response.statusText}`.trimEnd());
    }
    const announced = Number(response.headers.get("content-length") ?? Number.NaN);
    const totalBytes = Number.isSafeInteger(announced) ? announced : undefined;
    const metered = meter((receivedBytes) => onProgress?.({ receivedBytes, totalBytes }));
    await pipeline(Readable.fromWeb(response.body), metered.stream, createWriteStream(file), {
      signal,
    });
    const found = metered.md5();
    if (found !== options.md5) {
      const kind = isGzip(metered.start()) ? undefined : describeFileKind(metered.start());
      if (kind) throw new Error(`the server sent ${kind.what}, not the archive`);
      throw new Error(
        `its MD5 sum is ${found}, expected ${options.md5} (${metered.receivedBytes()} bytes): the archive is damaged or a different one`,
      );
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw new QpruneError(`Cannot download ${url}: ${reasonOf(cause)}.`, { cause });
  }
};
