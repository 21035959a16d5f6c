import { homedir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import { QpruneError } from "../base/errors.js";

/** What determines where a user's cache is. */
export interface UserPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined for a user without one. */
  readonly homeFolder: string | undefined;
}

/**
 * The user's home folder: HOME if it is absolute, else the folder in the system's list of users. Undefined if the user
 * is not listed, as in containers that are started with an arbitrary user id.
 */
export const findHome = (): string | undefined => {
  for (const find of [homedir, () => userInfo().homedir]) {
    try {
      const folder = find();
      if (isAbsolute(folder)) return folder;
    } catch {
      // The user is not listed.
    }
  }
  return undefined;
};

/** The user's folder for files that programs can recreate: `$XDG_CACHE_HOME`, else `~/.cache`. */
const userCache = ({ env, homeFolder }: UserPlace): string | undefined => {
  const named = env.XDG_CACHE_HOME;
  // The XDG base directory specification requires relative paths to be ignored.
  if (named && isAbsolute(named)) return named;
  return homeFolder && join(homeFolder, ".cache");
};

/** qprune's folder in the user's cache, which need not exist; undefined if the user has no cache folder. */
export const findCacheFolder = (place: UserPlace): string | undefined => {
  const cache = userCache(place);
  return cache && join(cache, "qprune");
};

/** As {@link findCacheFolder}. @throws QpruneError if the user has no cache folder. */
export const cacheFolder = (place: UserPlace): string => {
  const found = findCacheFolder(place);
  if (found !== undefined) return found;
  const named = place.env.XDG_CACHE_HOME;
  const other = named
    ? `XDG_CACHE_HOME=${named} is not an absolute path`
    : "XDG_CACHE_HOME is not set";
  throw new QpruneError(
    `There is no folder for the engine's cache: the user has no home folder, and ${other}.`,
    {
      hint: "Set XDG_CACHE_HOME to a folder that you can write to.",
      code: "cache-folder-missing",
    },
  );
};
