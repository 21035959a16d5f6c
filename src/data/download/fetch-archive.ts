import { open, stat } from "node:fs/promises";
import { QpruneError } from "../../base/errors.js";
import { fileDigest } from "../../files/reading/file-digest.js";
import { describeFileKind, KIND_BYTES } from "../../formats/describe-file-kind.js";
import { type FetchFileOptions, fetchFile } from "./fetch-file.js";

/** The authors' archives have 170 MB; a larger download is something else. */
const MAX_ARCHIVE_BYTES = 512 * 1024 * 1024;

export interface FetchArchiveOptions extends Omit<FetchFileOptions, "maxBytes"> {
  /** The expected MD5 sum in hex. */
  readonly md5: string;
}

const isGzip = (start: Uint8Array): boolean => start[0] === 0x1f && start[1] === 0x8b;

const startOf = async (file: string): Promise<Uint8Array> => {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(KIND_BYTES), 0, KIND_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
};

/**
 * Downloads `url` to `file` and checks the MD5 sum. The caller removes what was written after an error.
 * @throws QpruneError if the server cannot be reached, refuses, stops half-way or sends other bytes; the signal's reason
 * if aborted.
 */
export const fetchArchive = async (options: FetchArchiveOptions): Promise<void> => {
  const { url, file, md5 } = options;
  await fetchFile({ ...options, maxBytes: MAX_ARCHIVE_BYTES });
  const found = await fileDigest(file, "md5");
  if (found === md5) return;
  const start = await startOf(file);
  const kind = isGzip(start) ? undefined : describeFileKind(start);
  const { size } = await stat(file);
  const reason = kind
    ? `the server sent ${kind.what}, not the archive`
    : `its MD5 sum is ${found}, expected ${md5} (${size} bytes): the archive is damaged or a different one`;
  throw new QpruneError(`Cannot download ${url}: ${reason}.`);
};
