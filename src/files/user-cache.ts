import { isAbsolute, join } from "node:path";

/** What tells where a user's cache is. */
export interface UserPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
}

/** Where programs keep what they can make again: `$XDG_CACHE_HOME`, else `~/.cache`. */
const userCache = ({ env, homeFolder }: UserPlace): string => {
  const named = env.XDG_CACHE_HOME;
  // The XDG base directory specification has relative paths ignored.
  return named && isAbsolute(named) ? named : join(homeFolder, ".cache");
};

/** qprune's folder in the user's cache; it need not exist. */
export const cacheFolder = (place: UserPlace): string => join(userCache(place), "qprune");
