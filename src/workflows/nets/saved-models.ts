import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { formatOfName } from "../../checkpoint/net-files/net-file.js";
import { TRAINING_STATE_SUFFIX } from "../../checkpoint/training/training-state-path.js";
import { readStoredNet, type StoredNet } from "./stored-net.js";

/** The folder where models are saved by default. */
export const SAVED_MODELS = "models_save";
/** The maximum number of files to read in search of matching ones. */
const MAX_READ = 20;

/** Whether a net can be used; throwing means no. */
export type NetCheck = (net: StoredNet) => boolean | Promise<boolean>;

const isModel = (name: string): boolean =>
  formatOfName(name) !== undefined && !name.endsWith(TRAINING_STATE_SUFFIX);

/** Paths of model files, newest first; empty if the folder does not exist. */
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

/** Reads a file and checks its net; undefined if the file cannot be read as a net. */
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
  /** Whether to search its subfolders. */
  readonly recursive: boolean;
  /** The maximum number of results. */
  readonly most: number;
}

/** Model files in a folder whose nets pass a check, newest first. */
export const savedModels = async (
  { folder, recursive, most }: SavedModelsOptions,
  check: NetCheck,
): Promise<string[]> => {
  const fitting: string[] = [];
  for (const path of (await newestFirst(folder, recursive)).slice(0, MAX_READ)) {
    if (await checkSaved(path, check)) fitting.push(path);
    if (fitting.length === most) break;
  }
  return fitting;
};
