import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { formatOfName } from "../../checkpoint/state-file.js";
import { STATE_SUFFIX } from "../../checkpoint/state-path.js";
import { readStoredNet, type StoredNet } from "./stored-net.js";

/** Where nets are saved by default. */
export const SAVED_MODELS = "models_save";
/** More files are not read to find those that fit. */
const MOST_READ = 20;

/** Whether a net fits; what it throws is a no. */
export type NetCheck = (net: StoredNet) => boolean | Promise<boolean>;

const isModel = (name: string): boolean =>
  formatOfName(name) !== undefined && !name.endsWith(STATE_SUFFIX);

/** Paths of nets, the newest first; none where there is no such folder. */
const newestFirst = async (folder: string, recursive: boolean): Promise<string[]> => {
  const names = await readdir(folder, { recursive }).catch((): string[] => []);
  const paths = names.filter(isModel).map((name) => join(folder, name));
  const dated = await Promise.all(
    paths.map(async (path) => ({ path, found: await stat(path).catch(() => undefined) })),
  );
  return dated
    .flatMap(({ path, found }) => (found?.isFile() ? [{ path, time: found.mtimeMs }] : []))
    .sort((a, b) => b.time - a.time || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path);
};

/** Reads a file and checks it; undefined where it does not read as a net. */
export const checkSaved = async (path: string, check: NetCheck): Promise<boolean | undefined> => {
  const net = await readStoredNet(path, undefined).catch(() => undefined);
  if (!net) return undefined;
  try {
    return await check(net);
  } catch {
    return false;
  }
};

export interface SavedModelsOptions {
  readonly folder: string;
  /** Whether folders in it are searched too. */
  readonly recursive: boolean;
  /** At most so many are found. */
  readonly most: number;
}

/** Files of nets in a folder that pass a check, the newest first. */
export const savedModels = async (
  { folder, recursive, most }: SavedModelsOptions,
  check: NetCheck,
): Promise<string[]> => {
  const fitting: string[] = [];
  for (const path of (await newestFirst(folder, recursive)).slice(0, MOST_READ)) {
    if (await checkSaved(path, check)) fitting.push(path);
    if (fitting.length === most) break;
  }
  return fitting;
};
