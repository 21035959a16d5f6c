import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { formatOfName } from "../../checkpoint/state-file.js";
import { STATE_SUFFIX } from "../../checkpoint/state-path.js";
import type { NetSpec } from "../../models/spec.js";
import { readStoredNet } from "./stored-net.js";

/** Where commands save nets without --save. */
const FOLDER = "models_save";
/** More are not named. */
const MOST_MODELS = 5;
/** More are not read to find these. */
const MOST_READ = 20;

const isModel = (name: string): boolean =>
  formatOfName(name) !== undefined && !name.endsWith(STATE_SUFFIX);

/** The names of nets under the folder, the newest first; none where there is no such folder. */
const newestFirst = async (): Promise<string[]> => {
  const names = await readdir(FOLDER, { recursive: true }).catch((): string[] => []);
  const paths = names.filter(isModel).map((name) => join(FOLDER, name));
  const dated = await Promise.all(
    paths.map(async (path) => ({ path, found: await stat(path).catch(() => undefined) })),
  );
  return dated
    .flatMap(({ path, found }) => (found?.isFile() ? [{ path, time: found.mtimeMs }] : []))
    .sort((a, b) => b.time - a.time)
    .map(({ path }) => path);
};

/** Files of nets that `isFit` takes, of those that commands saved, the newest first; a few. */
export const savedModels = async (isFit: (spec: NetSpec) => boolean): Promise<string[]> => {
  const fitting: string[] = [];
  for (const path of (await newestFirst()).slice(0, MOST_READ)) {
    // What does not read as a net is none to name.
    const net = await readStoredNet(path).catch(() => undefined);
    if (net && isFit(net.spec)) fitting.push(path);
    if (fitting.length === MOST_MODELS) break;
  }
  return fitting;
};
