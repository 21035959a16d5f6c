import { QpruneError } from "../../base/errors.js";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is a file, not a folder",
  EACCES: "permission was denied",
  EPERM: "permission was denied",
  ENAMETOOLONG: "its name is too long",
  ELOOP: "its links are circular",
  EIO: "the disk reported an error",
  ENOTCONN: "its file system is no longer connected",
  ESTALE: "its file system is no longer connected",
};

/** Why the system refused to read a file, in plain words if the error is a known one. */
export const readReason = (cause: Error): string =>
  REASONS["code" in cause ? String(cause.code) : ""] ?? cause.message;

/** The error for a file that cannot be read. */
export const readFailure = (path: string, reason: string, cause?: unknown): QpruneError =>
  new QpruneError(`Cannot read ${path}: ${reason}.`, { hint: "Check the path.", cause });
