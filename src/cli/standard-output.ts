import { fstatSync, writeSync } from "node:fs";
import { QpruneError } from "../base/errors.js";
import type { Output } from "./command.js";

/** stdout, and what became of it. */
export interface StandardOutput extends Output {
  /** Waits until everything is written or lost. @throws QpruneError where something was lost. */
  readonly finish: () => Promise<void>;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file is larger than this disk or user may have",
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

/** Writes all of a text: a disk that is almost full takes a part of it and reports no error. */
const writeWhole = (fd: number, text: string): void => {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
};

/**
 * Writes to a stream, or by `fd` where that is a plain file. After a failure the command goes on without its output, so
 * that what it computes is saved; the first failure is given to `onFailure` at once, and is an error at the end.
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
      // Only the system's refusals come from either.
      fail(error as NodeJS.ErrnoException);
    }
  };
  return {
    write,
    isTTY: Boolean(stream.isTTY),
    columns: stream.columns ?? 80,
    finish: async () => {
      if (lost === undefined)
        await new Promise<void>((resolve) => stream.write("", () => resolve()));
      if (lost === undefined) return;
      throw new QpruneError(`Not all output could be written: ${reasonOf(lost)}.`, {
        hint: "Files that the command saved are whole. Send its output to a disk with room, and call it again for it.",
        cause: lost,
      });
    },
  };
};
