import { readlink, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** As many links as Linux follows. */
const MAX_LINKS = 40;

/**
 * The path that a file of this name is written at: links are followed, also one whose file is not there yet, so that
 * the link stays. A link that leads nowhere but to itself is given back as it is.
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
