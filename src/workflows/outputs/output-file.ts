import { copyFile, mkdir, realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { QpruneError, usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { loadCheckpoint } from "../../checkpoint/checkpoint.js";
import type { Manifest } from "../../checkpoint/manifest.js";
import { stateDigest } from "../../checkpoint/state-digest.js";
import { STATE_SUFFIX, statePathOf } from "../../checkpoint/state-path.js";
import { linkTarget } from "../../files/link-target.js";
import { moveOver } from "../../files/move-over.js";
import { writeFailure } from "../../files/write-file-atomically.js";
import { checkFolder, checkPlainFile, checkSuffix } from "./check-output-place.js";
import { historyPathOf } from "./history-path.js";
import { isHistoryShared } from "./shared-history.js";

const SAVE = option("save");

const existing = (path: string) => stat(path).catch(() => undefined);

/** Whether two paths name the same file, links followed. */
export const samePlace = async (a: string, b: string): Promise<boolean> => {
  const [realA, realB] = await Promise.all(
    [a, b].map((path) => realpath(path).catch(() => resolve(path))),
  );
  return realA === realB;
};

/** Where a finished run's file is kept, and where the best file of one that did not come to its end. */
export const previousPath = (path: string): string => `${path}.previous`;
export const interruptedPath = (path: string): string => `${path}.interrupted`;

const makeFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw new QpruneError(`The folder ${folder} cannot be made: ${(cause as Error).message}`, {
      kind: "usage",
      hint: `Move what is in the way, or choose a place with ${SAVE}.`,
      cause,
    });
  });
};

export interface OutputFileOptions {
  /** The file that the caller names. */
  readonly save?: string | undefined;
  /** Where the net goes otherwise; its folder is made. */
  readonly defaultPath: string;
  /** Files that are read and must not be overwritten. */
  readonly inputs: readonly (string | undefined)[];
  readonly force: boolean;
}

/**
 * Where a command's net goes, checked before anything is computed: the default, whose folder is made, or
 * the file that the caller names, whose folder must exist.
 * @throws QpruneError (usage) where it cannot be written or is a file that is read.
 */
export const chooseOutputFile = async (options: OutputFileOptions): Promise<string> => {
  const { save, force, inputs, defaultPath } = options;
  const path = save ?? defaultPath;
  checkSuffix(path, SAVE);
  if (path.endsWith(STATE_SUFFIX)) {
    throw usageError(
      `${SAVE} ${path}: that is the name of a training state.`,
      "Give the model another name.",
    );
  }
  const folder = dirname(path);
  if (save === undefined) await makeFolder(folder);
  await checkFolder(folder, SAVE);
  for (const taken of [path, previousPath(path)]) await checkPlainFile(taken, SAVE);
  for (const input of inputs) {
    const places = [path, previousPath(path), interruptedPath(path), statePathOf(path)];
    const isRead =
      input !== undefined && (await Promise.all(places.map((place) => samePlace(input, place))));
    if (!force && isRead && isRead.some(Boolean)) {
      throw usageError(
        `${path} is read and would be overwritten.`,
        `Choose another ${SAVE}, or allow it with ${option("force")}.`,
      );
    }
  }
  return path;
};

const moveTo = async (from: string, to: string): Promise<void> => {
  await moveOver(from, to).catch((cause) => {
    throw writeFailure(to, cause);
  });
};

const copyTo = async (from: string, to: string): Promise<void> => {
  await copyFile(from, to).catch((cause) => {
    throw writeFailure(to, cause);
  });
};

/**
 * Moves what an earlier run left at `path` aside: a finished run's file as `path.previous`, that of one
 * which did not come to its end as `path.interrupted`, so that it never replaces a finished one.
 * Its history goes along; one that also tells of the file in another format stays there too.
 */
export const moveAside = async (path: string): Promise<void> => {
  if (!(await existing(path))) return;
  // A file that does not read as a checkpoint of ours is somebody's work all the same.
  const isFinished = await loadCheckpoint(path).then(
    ({ manifest }) => manifest?.isFinished ?? true,
    () => true,
  );
  const isShared = await isHistoryShared(path);
  // The link stays, and the new file is written where it leads to.
  const real = await linkTarget(path);
  const to = isFinished ? previousPath(path) : interruptedPath(path);
  await moveTo(real, to);
  const history = historyPathOf(path);
  if (isShared) await copyTo(history, historyPathOf(to));
  else if (await existing(history)) await moveTo(await linkTarget(history), historyPathOf(to));
};

/** What tells a run's own model file. */
export interface OwnRun {
  readonly run: string;
  /** Of the state dict that it wrote last; null before the first. */
  readonly digest: string | null;
}

/** The manifest of the model file at `path` if this run wrote it. */
export const ownManifest = async (
  path: string,
  { run, digest }: OwnRun,
): Promise<Manifest | undefined> => {
  if (!(await existing(path))) return undefined;
  const file = await loadCheckpoint(path).catch(() => undefined);
  // A finished file bears no run's name any more; what it holds tells.
  const isOwn = file?.manifest?.run === run || (file && stateDigest(file.state) === digest);
  return isOwn ? file.manifest : undefined;
};

/** Keeps what an earlier run left beside its model, or an earlier page, as `path.previous`. */
export const keepAside = async (path: string): Promise<void> => {
  if (await existing(path)) await moveTo(await linkTarget(path), previousPath(path));
};
