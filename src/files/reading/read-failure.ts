import { QpruneError } from "../../base/errors.js";
import { findMissing } from "./similar-files.js";

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

/** Whether the system reports that a file does not exist. */
const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && cause.code === "ENOENT";

/** The error for a file that the system refused to read; for a missing one, the hint lists similar files. */
export const readError = async (path: string, cause: Error): Promise<QpruneError> => {
  const reason = readReason(cause);
  if (!isMissing(cause)) return readFailure(path, reason, cause);
  const { files, hint } = await findMissing(path);
  return new QpruneError(`Cannot read ${path}: ${reason}.`, {
    hint,
    code: "file-missing",
    details: { path, files, hint },
    cause,
  });
};
