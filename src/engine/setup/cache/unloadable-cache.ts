import { QpruneError } from "../../../base/errors.js";
import { noexecMount } from "../../../files/noexec-mount.js";

/** The remedy for a cache from which no library can be loaded. */
export const NOEXEC_REMEDY =
  "Choose a folder on another disk with XDG_CACHE_HOME=FOLDER, or use the JavaScript engine.";

/** Why no library can be loaded from a folder, continuing "The cache …". */
export const noexecReason = (mount: string): string =>
  `is on a disk that is mounted noexec (${mount}): no library can be loaded from it`;

/** @throws QpruneError for a cache on a disk mounted noexec, before anything is put there. */
export const requireLoadable = (root: string): void => {
  const mount = noexecMount(root);
  if (mount === undefined) return;
  throw new QpruneError(`The engine's cache ${root} ${noexecReason(mount)}.`, {
    code: "engine-cache-noexec",
    hint: NOEXEC_REMEDY,
  });
};

/** glibc's message when the system refuses to map an intact library. */
const REFUSED = /failed to map segment from shared object/;

/**
 * Checks why a library did not load.
 * @throws QpruneError if the system refused it for the reason `cause`, so that compiling it again would not help.
 */
export const refuseUnloadable = (root: string, cause: unknown): void => {
  requireLoadable(root);
  const text = cause instanceof Error ? cause.message : String(cause);
  if (!REFUSED.test(text)) return;
  throw new QpruneError(`The system refuses to load a library of the engine: ${text}.`, {
    code: "engine-library-refused",
    hint: `A disk mounted noexec, a memory limit (ulimit -v) or a security policy can cause this. ${NOEXEC_REMEDY}`,
    cause,
  });
};
