import { readlink, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** The number of links that Linux follows. */
const MAX_LINKS = 40;

/**
 * The path at which a file of this name is written: links are followed, even to a missing file, so that writing keeps
 * them. A circular link is returned unchanged.
 */
export const linkTarget = async (path: string): Promise<string> => {
  let target = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const real = await realpath(target).catch(() => undefined);
    if (real !== undefined) return real;
    const next = await readlink(target).catch(() => undefined);
    if (next === undefined) return target;
    const folder = dirname(target);
    target = resolve(await realpath(folder).catch(() => folder), next);
  }
  return path;
};
