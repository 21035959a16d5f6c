import { QpruneError } from "../../../base/errors.js";
import { noexecMount } from "../../../files/noexec-mount.js";

/** What to do about a cache that libraries cannot be loaded from. */
export const OTHER_DISK =
  "Choose a folder on another disk with XDG_CACHE_HOME=FOLDER. --engine js works without it.";

/** Why no library can be loaded from a folder, in the middle of a sentence. */
export const noexecReason = (mount: string): string =>
  `is on a disk that is mounted noexec (${mount}): no library can be loaded from it`;

/** @throws QpruneError for a cache on a disk that is mounted noexec, before anything is put there. */
export const requireLoadable = (root: string): void => {
  const mount = noexecMount(root);
  if (mount === undefined) return;
  throw new QpruneError(`The engine's cache ${root} ${noexecReason(mount)}.`, { hint: OTHER_DISK });
};

/** glibc's words where the system refuses to map a library that is whole. */
const REFUSED = /failed to map segment from shared object/;

/**
 * @throws QpruneError where it was the system that refused to load a library, with the reason `cause`: to make the
 * library again would not help.
 */
export const refuseUnloadable = (root: string, cause: unknown): void => {
  requireLoadable(root);
  const text = cause instanceof Error ? cause.message : String(cause);
  if (!REFUSED.test(text)) return;
  throw new QpruneError(`The system refuses to load a library of the engine: ${text}.`, {
    hint: `A disk mounted noexec, a limit of memory (ulimit -v) or a security policy does so. ${OTHER_DISK}`,
    cause,
  });
};
