import { homedir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import { QpruneError } from "../base/errors.js";

/** What tells where a user's cache is. */
export interface UserPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined for a user who has none. */
  readonly homeFolder: string | undefined;
}

/**
 * The user's home folder: HOME where it is absolute, else what the system's list of users says; undefined where that
 * has no such user, as in containers that are started with any user id.
 */
export const findHome = (): string | undefined => {
  for (const find of [homedir, () => userInfo().homedir]) {
    try {
      const folder = find();
      if (isAbsolute(folder)) return folder;
    } catch {
      // The system knows no such user.
    }
  }
  return undefined;
};

/** Where programs keep what they can make again: `$XDG_CACHE_HOME`, else `~/.cache`. */
const userCache = ({ env, homeFolder }: UserPlace): string | undefined => {
  const named = env.XDG_CACHE_HOME;
  // The XDG base directory specification has relative paths ignored.
  if (named && isAbsolute(named)) return named;
  return homeFolder && join(homeFolder, ".cache");
};

/** qprune's folder in the user's cache, which need not exist; undefined where the user has no place for one. */
export const findCacheFolder = (place: UserPlace): string | undefined => {
  const cache = userCache(place);
  return cache && join(cache, "qprune");
};

/** As {@link findCacheFolder}. @throws QpruneError that asks for a place where there is none. */
export const cacheFolder = (place: UserPlace): string => {
  const found = findCacheFolder(place);
  if (found !== undefined) return found;
  const named = place.env.XDG_CACHE_HOME;
  const other = named
    ? `XDG_CACHE_HOME=${named} is not an absolute path`
    : "XDG_CACHE_HOME is not set";
  throw new QpruneError(
    `There is no folder for the engine's cache: no home folder, and ${other}.`,
    {
      hint: "Name a folder that you may write to: XDG_CACHE_HOME=/path/of/folder. --engine js works without it.",
    },
  );
};
