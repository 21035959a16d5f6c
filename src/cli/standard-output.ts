import { fstatSync, writeSync } from "node:fs";
import { QpruneError } from "../base/errors.js";
import type { Output } from "./command.js";

/** The file descriptor of stdout. */
export const STDOUT = 1;

const COLUMNS_WITHOUT_TERMINAL = 80;

/** A stream as commands write to it. */
export const outputOf = (stream: NodeJS.WriteStream): Output => ({
  write: (text) => {
    stream.write(text);
  },
  isTTY: Boolean(stream.isTTY),
  columns: stream.columns ?? COLUMNS_WITHOUT_TERMINAL,
});

/** stdout, with a check at the end that everything was written. */
export interface StandardOutput extends Output {
  /**
   * Waits until everything is written.
   * @throws QpruneError if some of the output was lost.
   */
  readonly finish: () => Promise<void>;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is exceeded",
  EFBIG: "the file exceeds the size limit of the disk or the user",
};

const reasonOf = (error: NodeJS.ErrnoException): string =>
  REASONS[error.code ?? ""] ?? error.message;

const isPlainFile = (fd: number): boolean => {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
};

/** Writes a text completely: on an almost full disk, a single write may be partial without an error. */
const writeWhole = (fd: number, text: string): void => {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset);
};

/**
 * Writes to a stream, or to `fd` if that is a regular file. After a failure the command continues without output, so
 * that its results are still saved. `onFailure` is called on the first failure, and `finish` throws an error for it.
 */
export const standardOutput = (
  stream: NodeJS.WriteStream,
  fd: number,
  onFailure: (error: NodeJS.ErrnoException, reason: string) => void,
): StandardOutput => {
  let lost: NodeJS.ErrnoException | undefined;
  const fail = (error: NodeJS.ErrnoException): void => {
    if (lost !== undefined) return;
    lost = error;
    onFailure(error, reasonOf(error));
  };
  const isFile = isPlainFile(fd);
  stream.on("error", fail);
  const write = (text: string): void => {
    if (lost !== undefined) return;
    try {
      if (isFile) writeWhole(fd, text);
      else stream.write(text);
    } catch (error) {
      // Both only throw system errors.
      fail(error as NodeJS.ErrnoException);
    }
  };
  return {
    write,
    isTTY: Boolean(stream.isTTY),
    columns: stream.columns ?? COLUMNS_WITHOUT_TERMINAL,
    finish: async () => {
      if (lost === undefined)
        await new Promise<void>((resolve) => stream.write("", () => resolve()));
      if (lost === undefined) return;
      throw new QpruneError(`Not all output could be written: ${reasonOf(lost)}.`, {
        hint: "Files that the command saved are complete. Free some disk space, and run the command again to get its output.",
        cause: lost,
      });
    },
  };
};
