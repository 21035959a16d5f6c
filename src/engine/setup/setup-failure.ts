import { QpruneError } from "../../base/errors.js";

const OTHER_CACHE = "or choose another folder with XDG_CACHE_HOME=FOLDER";
const FULL = /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/;
const REFUSED = /EACCES|EROFS|EPERM|ENOTDIR|EEXIST/;

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause ? String(cause.code) : "";

/** Turns a failure of the system or of a called program into an error with a remedy; other failures pass unchanged. */
export const setupFailure = (root: string, failure: unknown): unknown => {
  // Other code may already have wrapped the system's error in general words; this error is more specific.
  const system = failure instanceof QpruneError ? failure.cause : undefined;
  const cause = system instanceof Error && "syscall" in system ? system : failure;
  const text = cause instanceof Error ? cause.message : String(cause);
  if (FULL.test(codeOf(cause)) || FULL.test(text)) {
    return new QpruneError(`The disk of the engine's cache ${root} is full.`, {
      hint: `Free some space (1.1 GB during the setup, 0.5 GB after it), ${OTHER_CACHE}.`,
      cause,
    });
  }
  if (REFUSED.test(codeOf(cause))) {
    return new QpruneError(`The engine's cache ${root} cannot be written: ${text}.`, {
      hint: `Make the folder writable, ${OTHER_CACHE}.`,
      cause,
    });
  }
  return failure;
};
